// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts the bytes of all requests under way, and says no before memory does.
package final class RequestBudget: Sendable {
    package let bytesMax: Int
    private let bytesInUse = Mutex(0)

    package init(bytesMax: Int) {
        precondition(bytesMax > 0, "a budget of \(bytesMax) bytes admits nothing")
        self.bytesMax = bytesMax
    }

    /// Bytes taken at this moment.
    package var inUse: Int { bytesInUse.withLock { $0 } }

    /// An empty share; grows as the request arrives.
    package func open() -> Lease { Lease(of: self) }

    fileprivate func take(_ bytes: Int) -> Bool {
        bytesInUse.withLock { inUse in
            guard bytes <= bytesMax - inUse else { return false }
            inUse += bytes
            return true
        }
    }

    fileprivate func giveBack(_ bytes: Int) {
        bytesInUse.withLock { $0 -= bytes }
    }

    /// One request's share; given back when the lease ends its life.
    package struct Lease: ~Copyable {
        private let budget: RequestBudget
        package private(set) var bytes = 0

        fileprivate init(of budget: RequestBudget) { self.budget = budget }

        /// Takes so many bytes more, or none and throws ``Refusal/overloaded``.
        package mutating func grow(by more: Int) throws(Refusal) {
            guard more > 0 else { return }
            guard budget.take(more) else { throw .overloaded }
            bytes += more
        }

        deinit { budget.giveBack(bytes) }
    }
}

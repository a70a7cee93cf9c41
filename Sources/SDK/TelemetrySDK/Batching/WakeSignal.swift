// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Wakes the one task that waits for it. Raised before the wait, it is not lost; raised twice, it counts once.
final class WakeSignal: Sendable {
    struct Reasons: OptionSet, Sendable {
        let rawValue: UInt8
        /// Enough spans for a batch.
        static let batchReady = Reasons(rawValue: 1)
        /// Somebody wants everything out now.
        static let flush = Reasons(rawValue: 2)
        /// The processor ends.
        static let stop = Reasons(rawValue: 4)
        /// The delay is over.
        static let delayOver = Reasons(rawValue: 8)
    }

    private struct State {
        var raised: Reasons = []
        var waiter: CheckedContinuation<Reasons, Never>?
        /// Of the delay that is running, if one is.
        var timer: Task<Void, Never>?
        var timerNumber = 0
    }

    private let state = Mutex(State())
    /// A copy of what was raised, to be asked without the lock: under load every block of spans raises it.
    ///
    /// Asked without order, it may still say "raised" when the worker has taken that, and the raise is left out. No
    /// wake-up is lost by that, because whoever raises has changed something under a lock L, which the worker takes
    /// after it has set this word to zero and before it decides that there is nothing to do (L is a shard's lock, the
    /// pool's, or that of the worker's state with its flushes). Two cases, by who has L first:
    /// - The one who raises: the worker sees the change, and needs no wake-up.
    /// - The worker: its zero happens before its unlock of L, that before the other's lock, and that before the other
    ///   asks here. What happens before a load is the oldest that the load may see (coherence): zero, or what was
    ///   raised since, which the worker has still to take.
    ///
    /// The queue's credits are no other case: they are taken under a shard's lock, and read with acquire order.
    /// A stop has nothing under a lock, and needs nothing: it is raised once, and its bit is set by nobody else.
    private let raised = Atomic<UInt8>(0)

    func raise(_ reasons: Reasons) {
        guard raised.load(ordering: .relaxed) & reasons.rawValue != reasons.rawValue else { return }
        let waiter = state.withLock { state in
            state.raised.formUnion(reasons)
            raised.store(state.raised.rawValue, ordering: .relaxed)
            return Self.takeWaiter(&state, raised)
        }
        waiter?.0.resume(returning: waiter?.1 ?? [])
    }

    private static func takeWaiter(
        _ state: inout State, _ raised: borrowing Atomic<UInt8>
    ) -> (CheckedContinuation<Reasons, Never>, Reasons)? {
        guard let waiter = state.waiter else { return nil }
        let reasons = state.raised
        state.waiter = nil
        state.raised = []
        raised.store(0, ordering: .relaxed)
        return (waiter, reasons)
    }

    /// Waits for something to be raised, at most until `delay` is over. The delay runs from the first wait since
    /// ``restartDelay()``: what is raised in vain does not make it longer.
    func wait(atMost delay: Duration, _ clock: any Clock<Duration>) async -> Reasons {
        startDelay(delay, clock)
        return await withCheckedContinuation { continuation in
            let waiter = state.withLock { state in
                state.waiter = continuation
                return state.raised.isEmpty ? nil : Self.takeWaiter(&state, raised)
            }
            waiter?.0.resume(returning: waiter?.1 ?? [])
        }
    }

    /// Whether something has been raised besides a batch that is ready.
    var isMoreThanBatchReady: Bool {
        raised.load(ordering: .relaxed) & ~Reasons.batchReady.rawValue != 0
    }

    /// Whether somebody waits.
    var isAwaited: Bool { state.withLock { $0.waiter != nil } }

    /// Lets the delay begin anew with the next wait.
    func restartDelay() {
        let timer = state.withLock { state in
            state.timerNumber += 1
            state.raised.remove(.delayOver)
            raised.store(state.raised.rawValue, ordering: .relaxed)
            defer { state.timer = nil }
            return state.timer
        }
        timer?.cancel()
    }

    private func startDelay(_ delay: Duration, _ clock: any Clock<Duration>) {
        state.withLock { state in
            guard state.timer == nil else { return }
            state.timerNumber += 1
            let number = state.timerNumber
            state.timer = Task.detached {
                guard (try? await clock.sleep(for: delay)) != nil else { return }
                self.delayOver(number)
            }
        }
    }

    private func delayOver(_ number: Int) {
        let waiter = state.withLock { state -> (CheckedContinuation<Reasons, Never>, Reasons)? in
            // A timer that lost its race must not end the next delay.
            guard state.timerNumber == number else { return nil }
            state.timer = nil
            state.raised.insert(.delayOver)
            raised.store(state.raised.rawValue, ordering: .relaxed)
            return Self.takeWaiter(&state, raised)
        }
        waiter?.0.resume(returning: waiter?.1 ?? [])
    }
}

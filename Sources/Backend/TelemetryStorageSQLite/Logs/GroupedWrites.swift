// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import TelemetryStorage

/// Hands items to `commit`, all that have come while it ran in the next one.
///
/// A commit costs a sync of the disk, however much it holds: with one for each request small requests would
/// be several times dearer. Nobody waits for company: a lone request is committed at once.
final class GroupedWrites<Item: Sendable>: Sendable {
    /// Makes the items durable and visible, all or none. Called on one thread at a time.
    typealias Commit = @Sendable ([Item]) throws(StorageError) -> Void

    private struct Waiting {
        var item: Item
        var done: CheckedContinuation<Result<Void, StorageError>, Never>
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var isRunning = false
        var isClosed = false
    }

    private let bytesMax: Int
    private let commit: Commit
    private let queue = Mutex(Queue())
    /// Blocking work stays off the threads that tasks share.
    private let thread: DispatchQueue

    /// `bytesMax` may wait for their commit. A write beyond is refused as ``StorageError/unavailable(_:)``.
    init(label: String, bytesMax: Int, commit: @escaping Commit) {
        self.bytesMax = bytesMax
        self.commit = commit
        thread = DispatchQueue(label: label)
    }

    /// Returns when the item is durable and visible.
    func write(_ item: Item, byteCount: Int) async throws(StorageError) {
        let result = await withCheckedContinuation { continuation in
            let refusal = queue.withLock { queue -> StorageError? in
                if queue.isClosed { return .closed }
                guard queue.waitingBytes + byteCount <= bytesMax || queue.waitingBytes == 0 else {
                    return .unavailable("too much waits to be written")
                }
                queue.waitingBytes += byteCount
                queue.waiting.append(Waiting(item: item, done: continuation))
                if !queue.isRunning {
                    queue.isRunning = true
                    thread.async { self.run() }
                }
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        try result.get()
    }

    /// Refuses what comes from now on, and runs `last` when everything before is durable.
    func close(_ last: @escaping @Sendable () -> Void) async {
        queue.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            thread.async {
                last()
                continuation.resume()
            }
        }
    }

    private func run() {
        while true {
            let group = queue.withLock { queue -> [Waiting] in
                defer {
                    queue.waiting = []
                    queue.waitingBytes = 0
                }
                if queue.waiting.isEmpty { queue.isRunning = false }
                return queue.waiting
            }
            if group.isEmpty { return }
            let result = Result { () throws(StorageError) in try commit(group.map(\.item)) }
            for waiting in group { waiting.done.resume(returning: result) }
        }
    }
}

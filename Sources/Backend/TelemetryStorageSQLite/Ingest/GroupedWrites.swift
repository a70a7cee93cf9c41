// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import TelemetryStorage

/// Hands items to `commit`, all that have come while it ran in the next one.
///
/// A commit costs a sync of the disk, however much it holds: with one for each request small requests would
/// be several times dearer. While several senders wait for answers, a commit of little waits for company; what
/// a lone sender writes is committed at once.
final class GroupedWrites<Item: Sendable>: Sendable {
    /// Makes the items durable and visible, all or none. Called on one thread at a time.
    typealias Commit = @Sendable ([Item]) throws(StorageError) -> Void

    /// Bytes of items in one commit, unless one alone is greater. The rest waits for the next.
    private static var groupBytesMax: Int { 8 << 20 }

    /// From so many bytes on a commit costs little beside what it holds, and waits for nothing more.
    private static var worthwhileBytes: Int { 256 << 10 }

    private struct Waiting {
        var item: Item
        var byteCount: Int
        var done: CheckedContinuation<Result<Void, StorageError>, Never>
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var isRunning = false
        var isClosed = false
        /// Whose answers were awaited when the last commit ended, those that it answered among them.
        var underWay = 0
        var isWaitingForCompany = false

        /// Half of them: then the others' items come while the commit runs.
        var isWorthwhile: Bool {
            waiting.count >= underWay / 2 || waitingBytes >= GroupedWrites.worthwhileBytes || isClosed
        }
    }

    private let bytesMax: Int
    private let commit: Commit
    private let queue = Mutex(Queue())
    private let companyWait: DispatchTimeInterval
    private let company = DispatchSemaphore(value: 0)
    /// Blocking work stays off the threads that tasks share.
    private let thread: DispatchQueue

    /// `bytesMax` may wait for their commit. A write beyond is refused as ``StorageError/unavailable(_:)``.
    /// `companyWait` is how long a commit waits at most for items of senders that were there a moment ago.
    init(
        label: String, bytesMax: Int, companyWait: DispatchTimeInterval = .milliseconds(5),
        commit: @escaping Commit
    ) {
        self.companyWait = companyWait
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
                queue.waiting.append(Waiting(item: item, byteCount: byteCount, done: continuation))
                if !queue.isRunning {
                    queue.isRunning = true
                    thread.async { self.run() }
                } else if queue.isWaitingForCompany, queue.isWorthwhile {
                    queue.isWaitingForCompany = false
                    company.signal()
                }
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
        try result.get()
    }

    /// Runs `work` on the thread of the commits, between two of them.
    func between<Answer: Sendable>(
        _ work: @escaping @Sendable () throws(StorageError) -> Answer
    ) async throws(StorageError) -> Answer {
        let result = await withCheckedContinuation { continuation in
            thread.async { continuation.resume(returning: Result { () throws(StorageError) in try work() }) }
        }
        return try result.get()
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
            waitForCompany()
            let group = queue.withLock { queue -> [Waiting] in
                if queue.waiting.isEmpty { queue.isRunning = false }
                var bytes = 0
                let end =
                    queue.waiting.firstIndex { waiting in
                        defer { bytes += waiting.byteCount }
                        return bytes > 0 && bytes + waiting.byteCount > Self.groupBytesMax
                    } ?? queue.waiting.count
                let group = Array(queue.waiting[..<end])
                queue.waiting.removeFirst(end)
                queue.waitingBytes -= group.reduce(0) { $0 + $1.byteCount }
                return group
            }
            if group.isEmpty { return }
            run(group)
            queue.withLock { $0.underWay = group.count + $0.waiting.count }
        }
    }

    private func waitForCompany() {
        let isWaiting = queue.withLock { queue in
            queue.isWaitingForCompany = !queue.waiting.isEmpty && !queue.isWorthwhile
            return queue.isWaitingForCompany
        }
        guard isWaiting, company.wait(timeout: .now() + companyWait) == .timedOut else { return }
        let isSignalled = queue.withLock { queue in
            defer { queue.isWaitingForCompany = false }
            return !queue.isWaitingForCompany
        }
        // It came at the last moment, and must not end the next wait.
        if isSignalled { company.wait() }
    }

    private func run(_ group: [Waiting]) {
        let result = Result { () throws(StorageError) in try commit(group.map(\.item)) }
        // One that cannot be stored must not cost the others.
        if group.count > 1, case .failure(let error) = result, error.isOfOneItem {
            for waiting in group { run([waiting]) }
            return
        }
        for waiting in group { waiting.done.resume(returning: result) }
    }
}

extension StorageError {
    /// Whether another item might have been stored.
    fileprivate var isOfOneItem: Bool {
        switch self {
        case .tooLarge, .damaged: true
        case .closed, .unavailable, .cannotOpen, .newerSchema, .failed, .badCursor, .cancelled: false
        }
    }
}

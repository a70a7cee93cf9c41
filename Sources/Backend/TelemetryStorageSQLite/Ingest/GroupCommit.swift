// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import GRDB
import Synchronization
import TelemetryModel
import TelemetryStorage

/// Writes segments, all that have come while a commit was under way in the next one.
///
/// A commit costs a sync of the disk, however much it holds: with one for each request small requests would
/// be several times dearer. Nobody waits for company: a lone request is committed at once.
final class GroupCommit: Sendable {
    /// Bytes of spans that may wait for their commit. A write beyond is refused as
    /// ``StorageError/unavailable(_:)``.
    static let waitingBytesMax = 128 << 20

    private struct Waiting {
        var segment: Segment
        var done: CheckedContinuation<Result<Void, StorageError>, Never>
    }

    private struct Queue {
        var waiting: [Waiting] = []
        var waitingBytes = 0
        var isRunning = false
        var isClosed = false
    }

    private let core: StoreCore
    private let ingest: Mutex<Ingest>
    private let queue = Mutex(Queue())
    /// Blocking work stays off the threads that tasks share.
    private let thread = DispatchQueue(label: "contrail.storage.writer")

    init(core: StoreCore, ingest: Ingest) {
        self.core = core
        self.ingest = Mutex(ingest)
    }

    /// Returns when the segment is durable and visible.
    func write(_ segment: Segment) async throws(StorageError) {
        let result = await withCheckedContinuation { continuation in
            let refusal = queue.withLock { queue -> StorageError? in
                if queue.isClosed { return .closed }
                if segment.spanCount == 0 { return nil }
                guard
                    queue.waitingBytes + segment.byteCount <= Self.waitingBytesMax
                        || queue.waitingBytes == 0
                else { return .unavailable("too many spans wait to be written") }
                queue.waitingBytes += segment.byteCount
                queue.waiting.append(Waiting(segment: segment, done: continuation))
                if !queue.isRunning {
                    queue.isRunning = true
                    thread.async { self.run() }
                }
                return nil
            }
            if let refusal {
                continuation.resume(returning: .failure(refusal))
            } else if segment.spanCount == 0 {
                continuation.resume(returning: .success(()))
            }
        }
        try result.get()
    }

    /// Refuses what comes from now on and returns when everything before is durable.
    func close() async {
        queue.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            thread.async { continuation.resume() }
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
            let result = Result { () throws(StorageError) in
                try ingest.withLock { (ingest) throws(StorageError) in
                    try ingest.commit(group.map(\.segment), to: core)
                }
            }
            for waiting in group { waiting.done.resume(returning: result) }
        }
    }
}

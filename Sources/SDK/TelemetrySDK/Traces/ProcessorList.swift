// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule
import Synchronization
import TelemetryAPI

/// The processors of one provider, for the spans of all threads to reach at once.
///
/// A lock, or a counted reference, would be one word that all threads write for each span. Here a thread announces
/// itself in a word that it shares with few others; who closes the list and finds nobody in it, or leaves it last
/// after that, lets the processors go.
final class ProcessorList: @unchecked Sendable {
    // Safety: the processors are written once, and freed by the one who takes them out of `isFreed` (see above); the
    // words are atomic.
    private static let shardCount = 16
    /// Distance of two words in memory, so that no two share a cache line or a pair of them.
    private static let shardStride = 128

    let count: Int
    /// Whether processors other than the exporting ones want to hear of starts and ends.
    let wantsToBeTold: Bool
    /// Exporting processors with queues only: these are never freed, so nobody has to be announced.
    private let hasQueuesOnly: Bool
    /// For each processor its queue, if it exports from one.
    private let queues: UnsafeMutableBufferPointer<UnsafeMutablePointer<QueueFacts>?>
    /// For each processor where it counts what comes too late, if it exports at once.
    private let late: [LateSpans?]
    private let processors: UnsafeMutableBufferPointer<any SpanProcessor>
    /// Shards of readers, and behind them the word that says closed.
    private let memory: UnsafeMutableRawPointer
    private let isFreed = Atomic<Bool>(false)

    init(_ list: [any SpanProcessor]) {
        count = list.count
        wantsToBeTold = list.contains { !($0 is BatchSpanProcessor) && !($0 is SimpleSpanProcessor) }
        queues = .allocate(capacity: count)
        _ = queues.initialize(
            from: list.map {
                ($0 as? BatchSpanProcessor ?? ($0 as? SimpleSpanProcessor)?.queued)?.queue.facts
            })
        hasQueuesOnly = queues.allSatisfy { $0 != nil }
        late = list.map { ($0 as? SimpleSpanProcessor)?.late }
        processors = .allocate(capacity: count)
        _ = processors.initialize(from: list)
        let size = Self.shardStride * (Self.shardCount + 1)
        memory = .allocate(byteCount: size, alignment: Self.shardStride)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
    }

    deinit {
        close()
        queues.deallocate()
        memory.deallocate()
    }

    /// Set when there is one processor and it exports from a queue.
    var soleQueue: UnsafeMutablePointer<QueueFacts>? { count == 1 ? queues[0] : nil }

    private var closed: UnsafeMutablePointer<UInt64> {
        (memory + Self.shardCount * Self.shardStride).assumingMemoryBound(to: UInt64.self)
    }

    private func readers(_ shard: Int) -> UnsafeMutablePointer<Int64> {
        (memory + shard * Self.shardStride).assumingMemoryBound(to: Int64.self)
    }

    /// Calls `body` with the processors; with none once the list is closed.
    private func reading<Result>(_ body: (UnsafeMutableBufferPointer<any SpanProcessor>) -> Result) -> Result
    {
        let readers = readers(Int(ctr_thread_number()) & (Self.shardCount - 1))
        let isOpen = ctr_enter(readers, closed)
        defer { if ctr_leave(readers, closed) { freeWhenUnused() } }
        return body(isOpen ? processors : .init(start: nil, count: 0))
    }

    /// Empty once the list is closed.
    var all: [any SpanProcessor] { reading { Array($0) } }

    /// Hands on a span that has ended, in the order of registration.
    func give(_ span: RecordingSpan) {
        let state = span.state
        if hasQueuesOnly {
            guard state.pointee.isSampled else { return }
            for case let queue? in queues { BatchQueue.offer(span, state, to: queue) }
            return
        }
        let finished = FinishedSpan(span)
        reading { processors in
            // Queues outlive the list's end: a closed one counts the span that came too late.
            for index in queues.indices {
                if let queue = queues[index] {
                    if state.pointee.isSampled { BatchQueue.offer(span, state, to: queue) }
                } else if index < processors.count {
                    processors[index].onEnd(finished)
                } else if state.pointee.isSampled {
                    late[index]?.add()
                }
            }
        }
    }

    @inline(never)
    func tellStart(_ span: TelemetrySpan, _ context: ServiceContext) {
        reading { for index in $0.indices { $0[index].onStart(span, parentContext: context) } }
    }

    @inline(never)
    func tellEnding(_ span: TelemetrySpan) {
        reading { for index in $0.indices { $0[index].onEnding(span) } }
    }

    /// Lets the processors go as soon as no span is with them.
    func close() {
        ctr_close(closed)
        freeWhenUnused()
    }

    @inline(never)
    private func freeWhenUnused() {
        for shard in 0..<Self.shardCount where ctr_has_readers(readers(shard)) { return }
        guard !isFreed.exchange(true, ordering: .acquiringAndReleasing) else { return }
        processors.deinitialize()
        processors.deallocate()
    }
}

// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import Synchronization

/// An exporter that can take spans on the thread that ended them, without waiting: into memory, onto a terminal.
public protocol ImmediateSpanExporter: SpanExporter {
    /// Takes one batch at once. Called for one batch at a time.
    func exportNow(_ batch: SpanBatch) -> ExportResult
}

extension ImmediateSpanExporter {
    public func export(_ batch: SpanBatch) async -> ExportResult { exportNow(batch) }
}

/// Exports each span as soon as it has ended, one at a time. For tests and for development; services take
/// ``BatchSpanProcessor``.
///
/// An ``ImmediateSpanExporter`` is called within the span's end; any other on a task of its own, through a queue of
/// the specification's size, so that ending a span never waits. A span that an immediate exporter ends while
/// it exports is not exported, and counted as failed.
/// Source: OpenTelemetry specification 1.60, "Simple processor".
public final class SimpleSpanProcessor: SpanProcessor {
    private struct Immediate {
        var isShutDown = false
        var delivered = 0
        var failed = 0
        var rejected = 0
        /// The first shutdown; later ones wait for it.
        var ending: Task<FlushReport, Never>?

        mutating func count(_ result: ExportResult) {
            switch result {
            case .success(let spans, _): if spans > 0 { rejected += 1 } else { delivered += 1 }
            case .failure: failed += 1
            }
        }
    }

    private let exporter: any SpanExporter
    private let immediate: (any ImmediateSpanExporter)?
    private let state = Mutex(Immediate())
    /// Held while the exporter works: one batch at a time.
    private let turn = Mutex(())
    /// Whose turn it is: a thread's number plus one, zero for nobody.
    private let exportingThread = Atomic<UInt32>(0)
    /// Batches of one, for exporters that have to be waited for.
    let queued: BatchSpanProcessor?
    /// Spans that ended after the shutdown. The provider's list of processors counts here too, when it has let the
    /// processor go.
    let late = LateSpans()

    public init(exporter: any SpanExporter) {
        self.exporter = exporter
        immediate = exporter as? any ImmediateSpanExporter
        queued =
            immediate != nil
            ? nil : BatchSpanProcessor(exporter: exporter, configuration: .init(batchSize: 1))
    }

    /// What became of the spans so far.
    public var counts: SpanCounts {
        if let queued { return queued.counts }
        return state.withLock { state in
            var counts = SpanCounts()
            counts.delivered = state.delivered
            if state.failed > 0 { counts.droppedByReason[.exportFailed] = state.failed }
            if state.rejected > 0 { counts.droppedByReason[.rejected] = state.rejected }
            let late = late.count
            if late > 0 { counts.droppedByReason[.shutDown] = late }
            counts.created = counts.delivered + counts.dropped
            return counts
        }
    }

    public func onEnd(_ span: FinishedSpan) {
        guard span.isSampled else { return }
        guard let immediate else { return queued?.onEnd(span) ?? () }
        let batch = SpanBatch(EncodedSpans(span.span))
        let thread = ctr_thread_number() &+ 1
        guard exportingThread.load(ordering: .relaxed) != thread else {
            // A span of the exporter's own: exporting it would make the next one, without end.
            return state.withLock { $0.failed += 1 }
        }
        let result: ExportResult? = turn.withLock { _ in
            guard !state.withLock({ $0.isShutDown }) else {
                late.add()
                return nil
            }
            exportingThread.store(thread, ordering: .relaxed)
            let result = immediate.exportNow(batch)
            exportingThread.store(0, ordering: .relaxed)
            state.withLock { $0.count(result) }
            return result
        }
        // Behind the exporter's turn: who hears of it may end spans of its own.
        if let result { ExportOutcome(result, of: 1, status: nil).report() }
    }

    public func forceFlush(timeout: Duration) async -> FlushReport {
        if let queued { return await queued.forceFlush(timeout: timeout) }
        let exporter = exporter
        let (isShutDown, ending) = state.withLock { ($0.isShutDown, $0.ending) }
        guard !isShutDown else { return await ending.afterwards(atMost: timeout, ContinuousClock()) }
        let done: Void? = await within(timeout, ContinuousClock()) { await exporter.forceFlush() }
        return FlushReport(done == nil ? .timedOut : .completed)
    }

    public func shutdown(timeout: Duration) async -> FlushReport {
        if let queued { return await queued.shutdown(timeout: timeout) }
        let exporter = exporter
        let (isFirst, ending) = state.withLock { state in
            let isFirst = !state.isShutDown
            if isFirst {
                state.isShutDown = true
                // OpenTelemetry 1.60, "Shutdown": it "MUST include the effects of ForceFlush".
                state.ending = Task {
                    let done: Void? = await within(timeout, ContinuousClock()) {
                        await exporter.forceFlush()
                        await exporter.shutdown()
                    }
                    return FlushReport(done == nil ? .timedOut : .completed)
                }
            }
            return (isFirst, state.ending)
        }
        guard isFirst, let first = ending else {
            return await ending.afterwards(atMost: timeout, ContinuousClock())
        }
        return await first.value
    }
}

/// Counts spans that came too late for their processor, be it gone itself.
final class LateSpans: Sendable {
    private let spans = Atomic<Int>(0)

    var count: Int { spans.load(ordering: .relaxed) }

    func add() { spans.add(1, ordering: .relaxed) }
}

extension EncodedSpans {
    /// One span.
    init(_ span: RecordingSpan) {
        let bytes = span.encoded
        let size = SpanChunk.recordHeadSize + bytes.count
        let chunk = SpanChunk(capacity: size)
        chunk.memory.storeBytes(of: span.state.pointee.tracer, as: UnsafePointer<TracerFacts>.self)
        chunk.memory.storeBytes(of: bytes.count, toByteOffset: 8, as: Int.self)
        bytes.withUnsafeBytes {
            if let base = $0.baseAddress {
                (chunk.memory + SpanChunk.recordHeadSize).copyMemory(from: base, byteCount: $0.count)
            }
        }
        chunk.used = size
        chunk.spanCount = 1
        segments = [SpanSegment(chunk: chunk, start: 0, end: size, count: 1)]
        count = 1
    }
}

// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

/// What users' exporters and processors may do to the SDK, and what it goes on doing all the same.
@Suite("Exporters and processors that hang", .timeLimit(.minutes(1)))
struct HangingCodeTests {
    typealias Pipeline = BatchSpanProcessorTests.Pipeline
    typealias Configuration = BatchSpanProcessor.Configuration

    /// Waits in the calls that it is told to wait in, whatever becomes of the task; the end frees all.
    private final class Stubborn: SpanExporter {
        struct State {
            var exported = 0
            var shutdowns = 0
            var waiting: [CheckedContinuation<Void, Never>] = []
        }

        let hangsInExport: Bool
        let hangsInFlush: Bool
        let state = Mutex(State())

        init(inExport: Bool = false, inFlush: Bool = false) {
            hangsInExport = inExport
            hangsInFlush = inFlush
        }

        private func hang() async {
            await withCheckedContinuation { continuation in state.withLock { $0.waiting.append(continuation) }
            }
        }

        func export(_ batch: SpanBatch) async -> ExportResult {
            if hangsInExport { await hang() }
            state.withLock { $0.exported += batch.count }
            return .success()
        }

        func forceFlush() async { if hangsInFlush { await hang() } }

        func shutdown() async {
            let waiting = state.withLock { state in
                state.shutdowns += 1
                defer { state.waiting = [] }
                return state.waiting
            }
            for one in waiting { one.resume() }
        }
    }

    @Test("a second shutdown of a simple processor waits for the first, for its own timeout at most")
    func simpleShutdownTwice() async {
        let exporter = Dawdling()
        let processor = SimpleSpanProcessor(exporter: exporter)
        let first = Task { await processor.shutdown(timeout: .seconds(50)) }
        #expect(await eventually { exporter.isHanging })
        #expect(await processor.shutdown(timeout: .milliseconds(10)) == FlushReport(.timedOut))
        #expect(await processor.forceFlush(timeout: .milliseconds(10)) == FlushReport(.timedOut))
        let second = Task {
            let report = await processor.shutdown(timeout: .seconds(50))
            return (report, exporter.hasEnded)
        }
        exporter.release()
        #expect(await second.value == (FlushReport(.alreadyShutDown), true))
        #expect(await first.value == FlushReport(.completed))
    }

    /// Waits in its shutdown until it is let go.
    private final class Dawdling: ImmediateSpanExporter {
        private let state = Mutex(
            (waiting: CheckedContinuation<Void, Never>?.none, mayGo: false, hasEnded: false))

        var isHanging: Bool { state.withLock { $0.waiting != nil } }
        var hasEnded: Bool { state.withLock { $0.hasEnded } }

        func exportNow(_ batch: SpanBatch) -> ExportResult { .success() }
        func forceFlush() async {}

        func shutdown() async {
            await withCheckedContinuation { continuation in state.withLock { $0.waiting = continuation } }
            state.withLock { $0.hasEnded = true }
        }

        func release() { state.withLock { $0.waiting.take() }?.resume() }
    }

    @Test("an exporter that hangs in a flush is left alone with it, and its queue goes on")
    func flushHangs() async {
        let exporter = Stubborn(inFlush: true)
        let pipeline = Pipeline(
            exporter, Configuration(exportTimeout: .milliseconds(20), batchSize: 10), clock: ContinuousClock()
        )
        pipeline.end(0..<3)
        #expect(await pipeline.provider.forceFlush(timeout: .seconds(30)).outcome != .timedOut)
        pipeline.end(0..<10)
        #expect(await eventually { exporter.state.withLock { $0.exported } == 13 })
        _ = await pipeline.provider.shutdown()
        #expect(pipeline.processor.counts.delivered == 13)
    }

    @Test(
        "an exporter whose export hears of no cancellation is told of the end, once, when the shutdown's time is over"
    )
    func exportHangs() async {
        let exporter = Stubborn(inExport: true)
        let pipeline = Pipeline(exporter, Configuration(batchSize: 1), clock: ContinuousClock())
        pipeline.end(0..<1)
        #expect(await eventually { exporter.state.withLock { $0.waiting.count } == 1 })
        #expect(
            await pipeline.provider.shutdown(timeout: .milliseconds(20))
                == FlushReport(.timedOut, undelivered: 1))
        // By its end the export goes on, so that the worker comes to its own: not a second time.
        #expect(await eventually { exporter.state.withLock { $0.exported } == 1 })
        #expect(exporter.state.withLock { $0.shutdowns } == 1)
    }

    /// Does not heed its timeout.
    private final class EndlessProcessor: SpanProcessor {
        let waiting = Mutex<[CheckedContinuation<FlushReport, Never>]>([])
        func onEnd(_ span: FinishedSpan) {}
        private func hang() async -> FlushReport {
            await withCheckedContinuation { one in waiting.withLock { $0.append(one) } }
        }
        func forceFlush(timeout: Duration) async -> FlushReport { await hang() }
        func shutdown(timeout: Duration) async -> FlushReport { await hang() }
    }

    @Test(
        "a processor that does not heed its timeout holds up neither flush nor shutdown, nor another processor"
    )
    func processorHangs() async {
        let endless = EndlessProcessor()
        let exporter = ScriptedExporter()
        let provider = TracerProvider(processors: [endless, BatchSpanProcessor(exporter: exporter)])
        provider.tracer(TelemetryScope("com.example.hanging")).startSpan("span").end()
        #expect(await provider.forceFlush(timeout: .milliseconds(20)) == FlushReport(.timedOut))
        #expect(exporter.names == ["span"])
        #expect(await provider.shutdown(timeout: .milliseconds(20)) == FlushReport(.timedOut))
        for one in endless.waiting.withLock({ $0 }) { one.resume(returning: FlushReport(.completed)) }
    }

    @Test("a span that ends after the shutdown is counted, whatever processors there are besides")
    func late() async {
        let batch = BatchSpanProcessor(exporter: ScriptedExporter())
        let provider = TracerProvider(processors: [RecordedCalls(), batch])
        let open = provider.tracer(TelemetryScope("com.example.hanging")).startSpan("open")
        _ = await provider.shutdown()
        open.end()
        #expect(batch.counts.created == 1)
        #expect(batch.counts.droppedByReason == [.shutDown: 1])
    }
}

// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

/// Sentences of the specification on processors that have no test elsewhere.
@Suite("Processor rules")
struct ProcessorRulesTests {
    typealias Configuration = BatchSpanProcessor.Configuration
    typealias Pipeline = BatchSpanProcessorTests.Pipeline

    @Test("nothing is exported when nothing waits: not after the delay, not on a flush, not on shutdown")
    func nothingWaits() async {
        let exporter = ScriptedExporter()
        let clock = ManualClock()
        let pipeline = Pipeline(exporter, Configuration(), clock: clock)
        #expect(await eventually { clock.sleeperCount == 1 })
        clock.advance(by: .seconds(5))
        #expect(await pipeline.provider.forceFlush() == FlushReport(.completed))
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.batches.isEmpty)
    }

    @Test("a flush during an export waits for it, then sends the rest, one export at a time")
    func flushDuringExport() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = Pipeline(exporter, Configuration(batchSize: 10), clock: ManualClock())
        pipeline.end(0..<10)
        #expect(await eventually { exporter.batches.count == 1 })
        pipeline.end(10..<13)
        let flush = Task { await pipeline.provider.forceFlush() }
        exporter.release()
        #expect(await flush.value == FlushReport(.completed))
        #expect(exporter.batches.map(\.count) == [10, 3])
        #expect(exporter.state.withLock { $0.runningMax } == 1)
        #expect(pipeline.processor.counts.delivered == 13)
        _ = await pipeline.provider.shutdown()
    }

    @Test("processors are independent: one whose exporter hangs keeps no span from another")
    func independent() async {
        let (hanging, good) = (ScriptedExporter(holding: true), ScriptedExporter())
        let first = BatchSpanProcessor(exporter: hanging, configuration: Configuration(batchSize: 10))
        let second = BatchSpanProcessor(exporter: good, configuration: Configuration(batchSize: 10))
        let provider = TracerProvider(processors: [first, second])
        let tracer = provider.tracer(TelemetryScope("com.example.rules"))
        for index in 0..<25 { tracer.startSpan("\(index)").end() }
        #expect(await eventually { good.names.count >= 20 && hanging.batches.count == 1 })
        let report = await provider.shutdown(timeout: .milliseconds(200))
        #expect(report == FlushReport(.timedOut, undelivered: 25))
        #expect(good.names.count == 25)
        #expect(second.counts.delivered == 25)
        #expect(first.counts.droppedByReason == [.shutDown: 25])
        hanging.release()
    }

    @Test("a shutdown flushes the exporter before it ends it", arguments: [true, false])
    func shutdownFlushes(isBatch: Bool) async {
        let exporter = OrderedExporter()
        let processor: any SpanProcessor =
            isBatch ? BatchSpanProcessor(exporter: exporter) : SimpleSpanProcessor(exporter: exporter)
        let provider = TracerProvider(processors: [processor])
        provider.tracer(TelemetryScope("com.example.rules")).startSpan("last").end()
        #expect(await provider.shutdown() == FlushReport(.completed))
        #expect(exporter.calls.withLock { $0 } == ["export 1", "forceFlush", "shutdown"])
    }

    @Test("after the shutdown nothing reaches the exporter, and a flush returns at once")
    func nothingAfterShutdown() async {
        let exporter = OrderedExporter()
        let processor = BatchSpanProcessor(exporter: exporter)
        let provider = TracerProvider(processors: [processor])
        let open = provider.tracer(TelemetryScope("com.example.rules")).startSpan("open")
        _ = await provider.shutdown()
        let calls = exporter.calls.withLock { $0 }
        open.end()
        #expect(await provider.forceFlush() == FlushReport(.alreadyShutDown))
        #expect(await processor.shutdown(timeout: .seconds(1)) == FlushReport(.alreadyShutDown))
        #expect(exporter.calls.withLock { $0 } == calls)
        #expect(processor.counts.droppedByReason == [.shutDown: 1])
    }
}

/// Keeps the order of its calls. Takes spans at once, so that a simple processor has no queue for it.
private final class OrderedExporter: ImmediateSpanExporter {
    let calls = Mutex<[String]>([])

    func exportNow(_ batch: SpanBatch) -> ExportResult {
        calls.withLock { $0.append("export \(batch.count)") }
        return .success()
    }

    func forceFlush() async { calls.withLock { $0.append("forceFlush") } }
    func shutdown() async { calls.withLock { $0.append("shutdown") } }
}

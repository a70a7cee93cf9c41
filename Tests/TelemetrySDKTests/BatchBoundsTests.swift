// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetryModel
import Testing

@testable import TelemetrySDK

@Suite("Batch span processor: bounds in bytes and in time")
struct BatchBoundsTests {
    typealias Configuration = BatchSpanProcessor.Configuration
    typealias Pipeline = BatchSpanProcessorTests.Pipeline

    /// Keeps how many bytes each request had.
    final class Weighing: SpanExporter {
        let requests = Mutex<[(spans: Int, bytes: Int)]>([])

        func export(_ batch: SpanBatch) async -> ExportResult {
            let bytes = batch.exportTraceServiceRequest().count
            requests.withLock { $0.append((batch.count, bytes)) }
            return .success()
        }

        func forceFlush() async {}
        func shutdown() async {}
    }

    func end(_ pipeline: Pipeline, _ count: Int, bytes: Int) {
        let text = String(repeating: "x", count: bytes)
        for index in 0..<count {
            let span = pipeline.tracer.startSpan("\(index)")
            span["text"] = text
            span.end()
        }
    }

    @Test("a request has never more bytes than a batch may have, and nothing is lost by that")
    func batchBytes() async {
        let exporter = Weighing()
        let pipeline = Pipeline(exporter, Configuration(batchBytes: 100_000), clock: ManualClock())
        end(pipeline, 100, bytes: 9_000)
        end(pipeline, 3, bytes: 90_000)
        end(pipeline, 100, bytes: 10)
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        let requests = exporter.requests.withLock { $0 }
        #expect(requests.reduce(0) { $0 + $1.spans } == 203)
        #expect(requests.allSatisfy { $0.bytes <= 100_000 + 200 })
        #expect(pipeline.processor.counts.delivered == 203)
    }

    @Test("large spans leave when they fill a batch in bytes, without any time passing")
    func fullInBytes() async {
        let exporter = Weighing()
        let pipeline = Pipeline(exporter, Configuration(batchBytes: 100_000), clock: ManualClock())
        end(pipeline, 12, bytes: 20_000)
        #expect(await eventually { exporter.requests.withLock { !$0.isEmpty } })
        _ = await pipeline.provider.shutdown()
    }

    @Test("a span that alone has more bytes than a batch may have is dropped, and counted with that reason")
    func tooLarge() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, Configuration(batchBytes: 100_000), clock: ManualClock())
        end(pipeline, 1, bytes: 100_001)
        end(pipeline, 1, bytes: 10)
        let counts = pipeline.processor.counts
        #expect(counts.droppedByReason == [.tooLarge: 1])
        #expect(counts.created == 2)
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.names == ["0"])
    }

    @Test("what waits is bounded in bytes, too")
    func queueBytes() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = Pipeline(
            exporter, Configuration(batchBytes: 100_000, queueBytes: 1_000_000), clock: ManualClock())
        end(pipeline, 200, bytes: 60_000)
        let counts = pipeline.processor.counts
        #expect(counts.created == 200)
        #expect((counts.droppedByReason[.queueFull] ?? 0) >= 200 - 1_000_000 / 60_000)
        #expect(pipeline.processor.queue.pool.bytesInUse <= 1_000_000)
        exporter.release()
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.names.count == pipeline.processor.counts.delivered)
    }

    @Test("a queue whose memory is used up exports what it has, without any time passing")
    func memoryUsedUp() async {
        let exporter = ScriptedExporter()
        // Three chunks, each too small for two of these spans, which together are no batch, in number or in bytes.
        let pipeline = Pipeline(
            exporter, Configuration(batchBytes: 100_000, queueBytes: 200_000), clock: ManualClock())
        end(pipeline, 3, bytes: 33_000)
        #expect(exporter.names.isEmpty)
        end(pipeline, 1, bytes: 33_000)
        #expect(pipeline.processor.counts.droppedByReason == [.queueFull: 1])
        #expect(await eventually { pipeline.processor.counts.delivered == 3 })
        end(pipeline, 1, bytes: 33_000)
        #expect(pipeline.processor.counts.dropped == 1)
        _ = await pipeline.provider.shutdown()
        #expect(pipeline.processor.counts.delivered == 4)
    }

    @Test("a shutdown gives the queue's memory back")
    func memoryGivenBack() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, Configuration(queueSize: 20_000), clock: ManualClock())
        pipeline.end(0..<20_000)
        #expect(await pipeline.provider.forceFlush() == FlushReport(.completed))
        #expect(await eventually { pipeline.processor.queue.pool.bytesKept > 0 })
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(await eventually { pipeline.processor.queue.pool.bytesInUse == 0 })
        #expect(pipeline.processor.queue.pool.bytesKept == 0)
    }

    @Test("a shutdown whose time is over cancels the export that is under way")
    func timedOutShutdownCancels() async {
        let exporter = EndlessExporter()
        let pipeline = Pipeline(exporter, Configuration(batchSize: 3), clock: ContinuousClock())
        pipeline.end(0..<3)
        #expect(await eventually { exporter.running.withLock { $0 } == 1 })
        let report = await pipeline.provider.shutdown(timeout: .milliseconds(20))
        #expect(report == FlushReport(.timedOut, undelivered: 3))
        #expect(await eventually { exporter.cancelled.withLock { $0 } == 1 })
        #expect(await eventually { exporter.shutdowns.withLock { $0 } == 1 })
    }

    /// Refuses its first batch when it is let, and never ends with the second.
    private final class RefusingExporter: SpanExporter {
        let first = ScriptedExporter(
            holding: true,
            answers: [.failure(ExportError(code: .refused, endpoint: "nowhere", message: "no"))])
        private let endless = EndlessExporter()

        func export(_ batch: SpanBatch) async -> ExportResult {
            first.batches.isEmpty ? await first.export(batch) : await endless.export(batch)
        }

        func forceFlush() async {}

        func shutdown() async {}
    }

    @Test("a shutdown whose time is over tells what was refused meanwhile besides what was left")
    func timedOutShutdownTellsRefused() async {
        let exporter = RefusingExporter()
        let pipeline = Pipeline(exporter, Configuration(batchSize: 3), clock: ContinuousClock())
        pipeline.end(0..<5)
        #expect(await eventually { exporter.first.batches.count == 1 })
        async let report = pipeline.provider.shutdown(timeout: .milliseconds(500))
        let last = BatchQueue.shardCount - 1
        #expect(await eventually { pipeline.processor.queue.withShard(last) { $0.isClosed } })
        exporter.first.release()
        #expect(await report == FlushReport(.timedOut, undelivered: 5))
        #expect(pipeline.processor.counts.droppedByReason == [.exportFailed: 3, .shutDown: 2])
    }

    @Test("being woken in vain does not make the delay longer")
    func wokenInVain() async {
        let exporter = ScriptedExporter()
        let clock = ManualClock()
        let pipeline = Pipeline(exporter, Configuration(), clock: clock)
        pipeline.end(0..<1)
        let wake = pipeline.processor.queue.wake
        for _ in 0..<4 {
            #expect(await eventually { wake.isAwaited && clock.sleeperCount == 1 })
            clock.advance(by: .seconds(1))
            wake.raise(.batchReady)
        }
        #expect(await eventually { wake.isAwaited && clock.sleeperCount == 1 })
        #expect(exporter.names.isEmpty)
        clock.advance(by: .seconds(1))
        #expect(await eventually { exporter.names == ["0"] })
    }

    @Test("times beyond what clocks can count are as good as no limit, and so is an export timeout of zero")
    func hugeTimes() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = Pipeline(
            exporter,
            Configuration(scheduledDelay: .seconds(Int64.max), exportTimeout: .zero, batchSize: 2),
            clock: ContinuousClock())
        pipeline.end(0..<2)
        #expect(await eventually { exporter.batches.count == 1 })
        let flush = Task { await pipeline.provider.forceFlush(timeout: .seconds(Int64.max)) }
        #expect(pipeline.processor.counts.dropped == 0)
        exporter.release()
        #expect(await flush.value == FlushReport(.completed))
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(pipeline.processor.counts.delivered == 2)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Foundation
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Batch span processor")
struct BatchSpanProcessorTests {
    typealias Configuration = BatchSpanProcessor.Configuration

    let scope = TelemetryScope("com.example.batch-tests")

    /// A provider with one batch processor, and the means to end spans.
    struct Pipeline {
        let provider: TracerProvider
        let processor: BatchSpanProcessor
        let tracer: TelemetryTracer

        init(_ exporter: any SpanExporter, _ configuration: Configuration, clock: any Clock<Duration>) {
            processor = BatchSpanProcessor(exporter: exporter, configuration: configuration, clock: clock)
            provider = TracerProvider(processors: [processor])
            tracer = provider.tracer(TelemetryScope("com.example.batch-tests"))
        }

        func end(_ names: Range<Int>) { for name in names { tracer.startSpan("\(name)").end() } }
    }

    func expectSum(_ counts: SpanCounts) {
        #expect(counts.created == counts.delivered + counts.dropped + counts.queued + counts.inFlight)
    }

    @Test("the defaults are the specification's, and nonsense is made sense of")
    func defaults() {
        let configuration = Configuration()
        #expect(configuration.queueSize == 2048)
        #expect(configuration.scheduledDelay == .milliseconds(5000))
        #expect(configuration.exportTimeout == .milliseconds(30000))
        #expect(configuration.batchSize == 512)
        #expect(Configuration(queueSize: 10).batchSize == 10)
        #expect(Configuration(queueSize: -1, batchSize: 0) == Configuration(queueSize: 1, batchSize: 1))
    }

    @Test("a batch leaves when it is full, without any time passing", arguments: [1, 3, 32, 100])
    func fullBatch(size: Int) async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, Configuration(batchSize: size), clock: ManualClock())
        pipeline.end(0..<size)
        #expect(await eventually { exporter.batches.count == 1 })
        #expect(exporter.batches == [(0..<size).map { "\($0)" }])
    }

    @Test("a batch of several threads leaves when it is full, though one of them makes no more spans")
    func fullBatchOfThreads() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, Configuration(), clock: ManualClock())
        for spans in [0..<12, 12..<500] {
            await withCheckedContinuation { continuation in
                Thread.detachNewThread {
                    pipeline.end(spans)
                    continuation.resume()
                }
            }
        }
        #expect(pipeline.processor.counts.queued == 500)
        pipeline.end(500..<512)
        #expect(await eventually { exporter.names.count == 512 })
    }

    @Test("less than a batch leaves when the delay has passed, not before")
    func delay() async {
        let exporter = ScriptedExporter()
        let clock = ManualClock()
        let pipeline = Pipeline(exporter, Configuration(), clock: clock)
        pipeline.end(0..<3)
        #expect(await eventually { clock.sleeperCount == 1 })
        clock.advance(by: .milliseconds(4999))
        #expect(exporter.batches.isEmpty)
        clock.advance(by: .milliseconds(1))
        #expect(await eventually { exporter.names == ["0", "1", "2"] })
        expectSum(pipeline.processor.counts)
    }

    @Test("a full queue drops the newest span and says why")
    func fullQueue() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = Pipeline(exporter, Configuration(queueSize: 100, batchSize: 10), clock: ManualClock())
        pipeline.end(0..<10)
        #expect(await eventually { exporter.batches.count == 1 })
        pipeline.end(10..<150)
        let counts = pipeline.processor.counts
        #expect(counts.created == 150)
        #expect(counts.inFlight == 10)
        #expect(counts.queued == 100)
        #expect(counts.droppedByReason == [.queueFull: 40])
        expectSum(counts)
        exporter.release()
        #expect(await pipeline.provider.shutdown(timeout: .seconds(10)) == FlushReport(.completed))
        #expect(exporter.names == (0..<110).map { "\($0)" })
        #expect(pipeline.processor.counts.delivered == 110)
        expectSum(pipeline.processor.counts)
    }

    @Test("one export at a time, and none larger than a batch")
    func oneAtATime() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(
            exporter, Configuration(queueSize: 10_000, batchSize: 7), clock: ContinuousClock())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { pipeline.end(0..<1000) } }
        }
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.names.count == 4000)
        #expect(exporter.batches.allSatisfy { $0.count <= 7 })
        #expect(exporter.state.withLock { $0.runningMax } == 1)
    }

    @Test("a flush sends everything once, flushes the exporter, and sends nothing again")
    func flush() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, Configuration(), clock: ManualClock())
        pipeline.end(0..<1000)
        #expect(await pipeline.provider.forceFlush() == FlushReport(.completed))
        #expect(exporter.names == (0..<1000).map { "\($0)" })
        #expect(await pipeline.provider.forceFlush() == FlushReport(.completed))
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.names.count == 1000)
        // The shutdown flushes, too.
        #expect(exporter.state.withLock { $0.flushes } == 3)
        #expect(exporter.state.withLock { $0.shutdowns } == 1)
    }

    @Test("shutdown drains a queue longer than a batch; later spans are dropped and counted")
    func shutdownDrains() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, Configuration(queueSize: 20_000), clock: ManualClock())
        let late = pipeline.tracer.startSpan("late")
        pipeline.end(0..<20_000)
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.names.count == 20_000)
        late.end()
        #expect(pipeline.processor.counts.droppedByReason == [.shutDown: 1])
        expectSum(pipeline.processor.counts)
        #expect(await pipeline.processor.forceFlush(timeout: .seconds(1)) == FlushReport(.alreadyShutDown))
    }

    @Test("an exporter that hangs cannot hang flush or shutdown; what is lost is said and counted")
    func hangingExporter() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = Pipeline(exporter, Configuration(batchSize: 10), clock: ContinuousClock())
        pipeline.end(0..<25)
        #expect(await eventually { exporter.batches.count == 1 })
        let flush = await pipeline.provider.forceFlush(timeout: .milliseconds(20))
        #expect(flush == FlushReport(.timedOut, undelivered: 25))
        let shutdown = await pipeline.provider.shutdown(timeout: .milliseconds(20))
        #expect(shutdown == FlushReport(.timedOut, undelivered: 25))
        #expect(pipeline.processor.counts.droppedByReason == [.shutDown: 25])
        // What comes back after all changes no count.
        exporter.release()
        #expect(await eventually { exporter.state.withLock { $0.shutdowns } == 1 })
        #expect(pipeline.processor.counts.delivered == 0)
        #expect(exporter.batches.count == 1)
        expectSum(pipeline.processor.counts)
    }

    @Test("an export over its time is counted as lost, the next waits until it is really over")
    func exportTimeout() async {
        let exporter = ScriptedExporter(holding: true)
        let clock = ManualClock()
        let pipeline = Pipeline(
            exporter, Configuration(exportTimeout: .seconds(30), batchSize: 10), clock: clock)
        pipeline.end(0..<10)
        #expect(await eventually { exporter.batches.count == 1 && clock.sleeperCount >= 1 })
        clock.advance(by: .seconds(30))
        #expect(await eventually { pipeline.processor.counts.droppedByReason == [.exportTimeout: 10] })
        pipeline.end(10..<20)
        #expect(exporter.batches.count == 1)
        exporter.release()
        #expect(await eventually { pipeline.processor.counts.delivered == 10 })
        #expect(exporter.state.withLock { $0.runningMax } == 1)
        expectSum(pipeline.processor.counts)
    }

    @Test("failures and partial success are counted by reason, nothing is sent again")
    func failures() async {
        let refused = ExportError(code: .refused, endpoint: "http://localhost:4318", message: "no")
        let exporter = ScriptedExporter(answers: [
            .failure(refused), .success(rejected: 3, message: "too old"),
        ])
        let pipeline = Pipeline(exporter, Configuration(batchSize: 10), clock: ManualClock())
        pipeline.end(0..<25)
        // Full batches may have left before the flush, so that its own report may know of no failure.
        _ = await pipeline.provider.forceFlush()
        #expect(exporter.names.count == 25)
        let counts = pipeline.processor.counts
        #expect(counts.droppedByReason == [.exportFailed: 10, .rejected: 3])
        #expect(counts.delivered == 12)
        expectSum(counts)
    }

    @Test("the sum of created, delivered, dropped and waiting is exact at any moment, under load")
    func sumUnderLoad() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(
            exporter, Configuration(queueSize: 64, batchSize: 16), clock: ContinuousClock())
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { pipeline.end(0..<5000) } }
            group.addTask {
                for _ in 0..<500 {
                    self.expectSum(pipeline.processor.counts)
                    await Task.yield()
                }
            }
        }
        _ = await pipeline.provider.shutdown()
        let counts = pipeline.processor.counts
        #expect(counts.created == 20_000)
        #expect(counts.queued == 0 && counts.inFlight == 0)
        #expect(exporter.names.count == counts.delivered)
        expectSum(counts)
    }

    @Test("spans larger than the queue's chunks arrive whole")
    func hugeSpans() async throws {
        let exporter = InMemorySpanExporter()
        let pipeline = Pipeline(exporter, Configuration(), clock: ManualClock())
        let text = String(repeating: "0123456789", count: 20_000)
        for index in 0..<3 {
            let span = pipeline.tracer.startSpan("\(index)")
            if index == 1 { span["text"] = text }
            span.end()
        }
        _ = await pipeline.provider.forceFlush()
        #expect(exporter.finishedSpans.map(\.name) == ["0", "1", "2"])
        #expect(exporter.finishedSpans[1].attributes["text"] == .string(text))
    }

    @Test("a flush comes through while full batches never cease")
    func flushUnderLoad() async {
        let exporter = FeedingExporter(count: 10)
        let pipeline = Pipeline(
            exporter, Configuration(queueSize: 1000, batchSize: 10), clock: ContinuousClock())
        exporter.tracer.withLock { $0 = pipeline.tracer }
        pipeline.end(0..<10)
        #expect(await eventually { exporter.exports.withLock { $0 } > 3 })
        #expect(await pipeline.provider.forceFlush(timeout: .seconds(30)) == FlushReport(.completed))
        exporter.tracer.withLock { $0 = nil }
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
    }

    @Test("a second shutdown waits for the first, and so does a flush")
    func secondShutdown() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = Pipeline(exporter, Configuration(batchSize: 3), clock: ContinuousClock())
        pipeline.end(0..<3)
        #expect(await eventually { exporter.batches.count == 1 })
        async let first = pipeline.provider.shutdown()
        #expect(await eventually { !pipeline.tracer.isEnabled })
        let tooShort = await pipeline.provider.shutdown(timeout: .milliseconds(20))
        #expect(tooShort == FlushReport(.timedOut))
        #expect(await pipeline.provider.forceFlush(timeout: .milliseconds(20)) == FlushReport(.timedOut))
        async let second = pipeline.provider.shutdown()
        exporter.release()
        #expect(await second == FlushReport(.alreadyShutDown))
        #expect(pipeline.processor.counts.delivered == 3)
        #expect(await first == FlushReport(.completed))
    }

    @Test("nonsense that is set after the making is made sense of, too")
    func lateNonsense() async {
        var configuration = Configuration()
        configuration.batchSize = 0
        configuration.queueSize = -1
        configuration.scheduledDelay = .zero
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(exporter, configuration, clock: ContinuousClock())
        pipeline.end(0..<1)
        #expect(await pipeline.provider.shutdown() == FlushReport(.completed))
        #expect(exporter.names == ["0"])
    }

    @Test(
        "a queue without room sends what it has, though it is no full batch"
    )
    func batchAsLargeAsTheQueue() async {
        let exporter = ScriptedExporter()
        let pipeline = Pipeline(
            exporter, Configuration(queueSize: 512, batchSize: 512), clock: ManualClock())
        let tracer = pipeline.tracer
        // One span from each of several threads leaves credits in their shards.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { tracer.startSpan("other").end() } }
        }
        pipeline.end(0..<600)
        #expect(await eventually { !exporter.batches.isEmpty })
        _ = await pipeline.provider.shutdown()
    }

    @Test("a processor that nobody holds any more ends by itself")
    func abandoned() async {
        let exporter = ScriptedExporter()
        do {
            let pipeline = Pipeline(exporter, Configuration(), clock: ManualClock())
            pipeline.end(0..<3)
        }
        #expect(await eventually { exporter.state.withLock { $0.shutdowns } == 1 })
        #expect(exporter.batches.isEmpty)
    }
}

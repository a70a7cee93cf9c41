// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import CoreMetrics
import Synchronization
import TelemetryAPI
import Testing

@testable import TelemetrySDK

@Suite("Metrics of the SDK itself")
struct SelfMetricsTests {
    typealias Configuration = BatchSpanProcessor.Configuration
    typealias Pipeline = BatchSpanProcessorTests.Pipeline

    let metrics = RecordingMetrics()
    let refused = ExportError(code: .refused, endpoint: "http://localhost:4318", message: "no")

    func pipeline(_ exporter: any SpanExporter, _ configuration: Configuration) -> Pipeline {
        withMetricsFactory(metrics) { Pipeline(exporter, configuration, clock: ManualClock()) }
    }

    @Test("each span is counted once by the processor and once by the exporter, a loss with its reason")
    func countedOnce() async {
        let exporter = ScriptedExporter(
            holding: true,
            answers: [.success(), .failure(refused), .success(rejected: 3, message: "too old")])
        let pipeline = pipeline(exporter, Configuration(queueSize: 30, batchSize: 10))
        pipeline.end(0..<10)
        #expect(await eventually { exporter.batches.count == 1 })
        // 30 wait, 7 are too many.
        pipeline.end(10..<47)
        exporter.release()
        _ = await pipeline.provider.shutdown()
        #expect(
            metrics.counters == [
                "otel.sdk.processor.span.processed": 40,
                "otel.sdk.processor.span.processed{error.type=queue_full}": 7,
                "otel.sdk.exporter.span.exported": 27,
                "otel.sdk.exporter.span.exported{error.type=refused}": 10,
                "otel.sdk.exporter.span.exported{error.type=rejected}": 3,
            ])
        let counts = pipeline.processor.counts
        #expect(counts.created == 47)
        #expect(counts.delivered == 27)
        #expect(metrics.timers["otel.sdk.exporter.operation.duration"]?.count == 2)
        #expect(metrics.timers["otel.sdk.exporter.operation.duration{error.type=refused}"]?.count == 1)
        #expect(metrics.timers["otel.sdk.exporter.operation.duration{error.type=rejected}"]?.count == 1)
    }

    @Test("the queue and what is on its way are meters that go up and down")
    func meters() async throws {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = pipeline(exporter, Configuration(queueSize: 100, batchSize: 10))
        pipeline.end(0..<10)
        #expect(await eventually { exporter.batches.count == 1 })
        #expect(metrics.meters["otel.sdk.exporter.span.inflight"] == [10])
        #expect(metrics.meters["otel.sdk.processor.span.queue.capacity"]?.last == 100)
        pipeline.end(10..<15)
        exporter.release()
        _ = await pipeline.provider.shutdown()
        #expect(metrics.meters["otel.sdk.exporter.span.inflight"] == [10, 0, 5, 0])
        #expect(metrics.meters["otel.sdk.processor.span.queue.size"]?.contains(5) == true)
        #expect(metrics.meters["otel.sdk.processor.span.queue.size"]?.last == 0)
    }

    @Test("components have their type and a number as name")
    func components() async {
        let pipeline = pipeline(ScriptedExporter(), Configuration(batchSize: 1))
        pipeline.end(0..<1)
        _ = await pipeline.provider.shutdown()
        let names = metrics.components.sorted()
        #expect(names.count == 2)
        #expect(names.first?.contains(/^ScriptedExporter\/\d+$/) == true)
        #expect(names.last?.contains(/^batching_span_processor\/\d+$/) == true)
    }

    @Test("the last answer of the receiver labels the duration of an export, and names its failure")
    func status() async {
        let exporter = AnsweredExporter(answers: [
            (.http(503), .failure(refused)), (.grpc("OK"), .success()), (nil, .failure(refused)),
        ])
        let pipeline = pipeline(exporter, Configuration(batchSize: 1))
        for index in 0..<3 {
            pipeline.end(index..<index + 1)
            _ = await pipeline.provider.forceFlush()
        }
        _ = await pipeline.provider.shutdown()
        let name = "otel.sdk.exporter.operation.duration"
        #expect(
            Set(metrics.timers.keys) == [
                "\(name){error.type=503,http.response.status_code=503}", "\(name){rpc.status_code=OK}",
                "\(name){error.type=refused}",
            ])
        #expect(metrics.counters["otel.sdk.exporter.span.exported{error.type=503}"] == 1)
    }

    @Test("what a hanging exporter keeps from being sent is counted when the shutdown's time is over")
    func hanging() async {
        let exporter = ScriptedExporter(holding: true)
        let pipeline = withMetricsFactory(metrics) {
            Pipeline(exporter, Configuration(batchSize: 10), clock: ContinuousClock())
        }
        pipeline.end(0..<10)
        #expect(await eventually { exporter.batches.count == 1 })
        pipeline.end(10..<13)
        _ = await pipeline.provider.shutdown(timeout: .milliseconds(20))
        #expect(
            metrics.counters == [
                "otel.sdk.processor.span.processed": 10,
                "otel.sdk.processor.span.processed{error.type=shutdown_timeout}": 3,
                "otel.sdk.exporter.span.exported{error.type=shutdown_timeout}": 10,
            ])
        exporter.release()
        #expect(await eventually { exporter.state.withLock { $0.shutdowns } == 1 })
        // What comes back after all is not counted a second time.
        #expect(metrics.counters["otel.sdk.exporter.span.exported"] == nil)
    }

    @Test("an export over its time has failed with a timeout")
    func exportTimeout() async {
        let pipeline = withMetricsFactory(metrics) {
            Pipeline(
                EndlessExporter(), Configuration(exportTimeout: .milliseconds(20), batchSize: 2),
                clock: ContinuousClock())
        }
        pipeline.end(0..<2)
        #expect(await eventually { pipeline.processor.counts.dropped == 2 })
        _ = await pipeline.provider.shutdown()
        #expect(metrics.counters["otel.sdk.exporter.span.exported{error.type=timeout}"] == 2)
    }

    @Test("switched off, no instrument is made")
    func switchedOff() async {
        var configuration = Configuration(batchSize: 1)
        configuration.reportsMetrics = false
        let pipeline = pipeline(ScriptedExporter(), configuration)
        pipeline.end(0..<10)
        _ = await pipeline.provider.shutdown()
        #expect(metrics.made == 0)
        #expect(pipeline.processor.counts.delivered == 10)
    }
}

/// Notes an answer for each export, as exporters that speak to a receiver do.
private final class AnsweredExporter: SpanExporter {
    private let answers: Mutex<[(ExportObservation.Status?, ExportResult)]>

    init(answers: [(ExportObservation.Status?, ExportResult)]) { self.answers = Mutex(answers) }

    func export(_ batch: SpanBatch) async -> ExportResult {
        let (status, result) = answers.withLock { $0.removeFirst() }
        ExportObservation.note(status)
        return result
    }

    func forceFlush() async {}
    func shutdown() async {}
}

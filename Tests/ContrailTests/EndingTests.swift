// SPDX-License-Identifier: Apache-2.0

import Contrail
import ServiceLifecycle
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("Ending")
struct EndingTests {
    @Test("graceful shutdown of a service group sends the last spans")
    func gracefulShutdown() async throws {
        let (stage, exporter) = (Stage(), KeepingExporter())
        let telemetry = try stage.start { $0.exporters = [.custom(exporter)] }
        (stage.instrument as? any Tracer)?.withAnySpan("last", context: .topLevel) { _ in }
        let group = ServiceGroup(configuration: .init(services: [telemetry], logger: stage.log.logger()))
        async let run: Void = group.run()
        await group.triggerGracefulShutdown()
        try await run
        #expect(exporter.spans.map(\.name) == ["last"])
    }

    @Test("cancellation sends the last spans too")
    func cancellation() async throws {
        let (stage, exporter) = (Stage(), KeepingExporter())
        let telemetry = try stage.start { $0.exporters = [.custom(exporter)] }
        (stage.instrument as? any Tracer)?.withAnySpan("last", context: .topLevel) { _ in }
        let running = Task { try await telemetry.run() }
        running.cancel()
        try await running.value
        #expect(exporter.spans.map(\.name) == ["last"])
    }

    @Test("a flush sends what has ended, once, and spans go on")
    func flush() async throws {
        let (stage, exporter) = (Stage(), KeepingExporter())
        let telemetry = try stage.start { $0.exporters = [.custom(exporter)] }
        let tracer = try #require(stage.instrument as? any Tracer)
        tracer.withAnySpan("first", context: .topLevel) { _ in }
        await telemetry.forceFlush()
        #expect(exporter.spans.map(\.name) == ["first"])
        tracer.withAnySpan("second", context: .topLevel) { _ in }
        await telemetry.shutdown()
        await telemetry.shutdown()
        #expect(exporter.spans.map(\.name) == ["first", "second"])
    }

    @Test("an endpoint that nobody listens on: the program lives on, and what did not leave is said")
    func unreachable() async throws {
        let stage = Stage()
        let telemetry = try stage.start(["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"])
        (stage.instrument as? any Tracer)?.withAnySpan("lost", context: .topLevel) { _ in }
        let clock = ContinuousClock()
        let before = clock.now
        let report = await telemetry.shutdown(timeout: .seconds(1))
        #expect(report.undelivered == 1)
        #expect(clock.now - before < .seconds(8))
        #expect(stage.log.lines("opentelemetry_spans_lost").first?.metadata["spans"] == "1")
    }

    @Test("an exporter that hangs cannot hold the program")
    func hanging() async throws {
        let stage = Stage()
        let telemetry = try stage.start { $0.exporters = [.custom(HangingExporter())] }
        (stage.instrument as? any Tracer)?.withAnySpan("lost", context: .topLevel) { _ in }
        let report = await telemetry.shutdown(timeout: .milliseconds(50))
        #expect(report.outcome == .timedOut)
        #expect(report.undelivered == 1)
        #expect(stage.log.lines("opentelemetry_spans_lost").count == 1)
    }
}

/// Never answers, not even when cancelled.
private struct HangingExporter: SpanExporter {
    func export(_ batch: SpanBatch) async -> ExportResult {
        for await _ in AsyncStream<Never>(unfolding: { await withUnsafeContinuation { _ in } }) {}
        return .success()
    }

    func forceFlush() async {}

    func shutdown() async {}
}

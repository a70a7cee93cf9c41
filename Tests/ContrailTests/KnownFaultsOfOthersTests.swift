// SPDX-License-Identifier: Apache-2.0

import Contrail
import Instrumentation
import ServiceContextModule
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// Each is a fault that was seen in a Swift SDK of 2026. Others are in the suites of the same name in
/// `TelemetrySDKTests` and `TelemetryConfigurationTests`.
@Suite("Known faults of others: start-up")
struct KnownFaultsOfOthersTests {
    @Test(
        "the specification's own values start telemetry: nothing dies, throws or warns",
        arguments: [
            ["OTEL_PROPAGATORS": "tracecontext,baggage"], ["OTEL_PROPAGATORS": "tracecontext, none"],
            ["OTEL_TRACES_EXPORTER": "console"], ["OTEL_TRACES_EXPORTER": "none"],
            ["OTEL_TRACES_SAMPLER": "ALWAYS_ON"], ["OTEL_TRACES_SAMPLER": "parentbased_traceidratio"],
        ])
    func starts(environment: [String: String]) async throws {
        let stage = Stage()
        let telemetry = try stage.start(environment)
        #expect(stage.log.lines("opentelemetry_initialized").count == 1)
        await telemetry.shutdown()
    }

    @Test("OTEL_TRACES_EXPORTER=none records for nobody, and hands the incoming context on")
    func noExporter() async throws {
        let stage = Stage()
        let telemetry = try stage.start(["OTEL_TRACES_EXPORTER": "none"])
        let tracer = try #require(stage.instrument as? any Tracer)
        let incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        var context = ServiceContext.topLevel
        tracer.extract(["traceparent": incoming], into: &context, using: Headers())
        var outgoing: [String: String] = [:]
        tracer.withAnySpan("span", context: context) { span in
            #expect(!span.isRecording)
            tracer.inject(span.context, into: &outgoing, using: Headers())
        }
        #expect(outgoing["traceparent"] == incoming)
        await telemetry.shutdown()
    }

    @Test("spans of one burst all leave before a shutdown returns, each once")
    func burst() async throws {
        let exporter = KeepingExporter()
        let stage = Stage()
        let telemetry = try stage.start { $0.exporters = [.custom(exporter)] }
        let tracer = try #require(stage.instrument as? any Tracer)
        for _ in 0..<2_000 { tracer.startAnySpan("span", context: .topLevel).end() }
        await telemetry.forceFlush()
        await telemetry.shutdown()
        #expect(exporter.spans.count == 2_000)
        #expect(Set(exporter.spans.map(\.spanID)).count == 2_000)
    }
}

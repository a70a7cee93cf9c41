// SPDX-License-Identifier: Apache-2.0

import Contrail
import Instrumentation
import Logging
import ServiceContextModule
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

private let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

@Suite("Starting")
struct StartingTests {
    @Test("it says once what was done: endpoint, protocol, service and sampler")
    func announces() async throws {
        let stage = Stage()
        let telemetry = try stage.start([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://me:secret@localhost:1/base?sig=secret",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20secret", "OTEL_SERVICE_NAME": "items",
        ])
        let line = try #require(stage.log.lines("opentelemetry_initialized").first)
        #expect(
            line.metadata == [
                "endpoint": "http://localhost:1/base/v1/traces", "protocol": "http/protobuf",
                "service.name": "items", "sampler": "parentbased_always_on",
            ])
        #expect(stage.log.lines.count == 1)
        #expect(!stage.log.text.contains("secret"))
        await telemetry.shutdown()
    }

    @Test(
        "a bad value warns once and telemetry starts all the same",
        arguments: [
            ("OTEL_TRACES_SAMPLER", "sometimes"), ("OTEL_BSP_MAX_QUEUE_SIZE", "-1"),
            ("OTEL_BSP_SCHEDULE_DELAY", "soon"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "nowhere"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "pigeon"), ("OTEL_PROPAGATORS", "zipkin"),
            ("OTEL_RESOURCE_ATTRIBUTES", "a"), ("OTEL_SDK_DISABLED", "perhaps"), ("OTEL_ENABLED", "perhaps"),
            ("OTEL_TRACES_EXPORTER", "jaeger"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "-5"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "secret"), ("OTEL_LOG_LEVEL", "shout"),
        ])
    func badValue(name: String, value: String) async throws {
        let stage = Stage()
        let telemetry = try stage.start([name: value])
        let warnings = stage.log.lines.filter { $0.level == .warning }
        #expect(warnings.count == 1)
        #expect(warnings.first?.metadata["setting"] == name)
        #expect(warnings.first?.message.contains("; using ") == true)
        #expect(!stage.log.text.contains("secret"))
        #expect(stage.log.lines("opentelemetry_initialized").count == 1)
        await telemetry.shutdown()
    }

    @Test(
        "what kills or confuses other SDKs is taken without a warning",
        arguments: [
            ("OTEL_PROPAGATORS", "tracecontext,baggage"), ("OTEL_PROPAGATORS", "tracecontext, baggage"),
            ("OTEL_TRACES_SAMPLER", "ALWAYS_ON"), ("OTEL_TRACES_EXPORTER", "console"),
            ("OTEL_TRACES_EXPORTER", "none"), ("OTEL_PROPAGATORS", "b3,jaeger"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"),
        ])
    func goodValue(name: String, value: String) async throws {
        let stage = Stage()
        let telemetry = try stage.start([name: value])
        #expect(stage.log.lines.map(\.message) == ["opentelemetry_initialized"])
        await telemetry.shutdown()
    }

    @Test(
        "switched off, it says by whom, and context still passes through",
        arguments: [("OTEL_SDK_DISABLED", "true"), ("OTEL_ENABLED", "false")])
    func disabled(name: String, value: String) async throws {
        let stage = Stage()
        let telemetry = try stage.start([name: value])
        #expect(stage.log.lines.map(\.message) == ["opentelemetry_disabled"])
        #expect(stage.log.lines.first?.metadata["disabled_by"] == name)

        let tracer = try #require(stage.instrument as? any Tracer)
        var context = ServiceContext.topLevel
        let incoming = ["traceparent": parent, "tracestate": "a=1", "baggage": "k=v"]
        tracer.extract(incoming, into: &context, using: Headers())
        let outgoing = tracer.withAnySpan("anything", context: context, ofKind: .server) { span in
            #expect(!span.isRecording)
            var headers: [String: String] = [:]
            tracer.inject(ServiceContext.current ?? .topLevel, into: &headers, using: Headers())
            return headers
        }
        #expect(outgoing == incoming)
        #expect(await telemetry.shutdown().undelivered == 0)
    }

    @Test("spans that end reach the exporter, with the resource, before shutdown returns")
    func spansArrive() async throws {
        let (stage, exporter) = (Stage(), KeepingExporter())
        let telemetry = try stage.start { settings in
            settings.service = .init(name: "items", version: "1.4.0", environment: "staging")
            settings.exporters = [.custom(exporter)]
        }
        let tracer = try #require(stage.instrument as? any Tracer)
        tracer.withAnySpan("outer", context: .topLevel) { _ in tracer.withAnySpan("inner") { _ in } }
        let report = await telemetry.shutdown()
        #expect(report == FlushReport(.completed))
        #expect(Set(exporter.spans.map(\.name)) == ["outer", "inner"])
        #expect(Set(exporter.spans.map(\.traceID)).count == 1)
        let resource = try #require(exporter.resourceSpans.first?.resource)
        #expect(resource.serviceName == "items")
        #expect(resource.attributes["deployment.environment.name"] == "staging")
        #expect(resource.attributes["deployment.environment"] == "staging")
        #expect(resource.attributes["telemetry.sdk.name"] == "contrail")
    }

    @Test("a remote parent becomes the parent, and the headers of a call carry the current span")
    func propagation() async throws {
        let (stage, exporter) = (Stage(), KeepingExporter())
        let telemetry = try stage.start { $0.exporters = [.custom(exporter)] }
        let tracer = try #require(stage.instrument as? any Tracer)
        var context = ServiceContext.topLevel
        tracer.extract(["traceparent": parent, "baggage": "k=v"], into: &context, using: Headers())
        var headers: [String: String] = [:]
        tracer.withAnySpan("server", context: context, ofKind: .server) { span in
            tracer.inject(span.context, into: &headers, using: Headers())
        }
        await telemetry.shutdown()
        let span = try #require(exporter.spans.first)
        #expect(span.traceID.hex == "0af7651916cd43dd8448eb211c80319c")
        #expect(span.parentSpanID?.hex == "b7ad6b7169203331")
        #expect(headers["traceparent"] == "00-\(span.traceID.hex)-\(span.spanID.hex)-01")
        #expect(headers["baggage"] == "k=v")
    }

    @Test("several exporters get every span")
    func severalExporters() async throws {
        let (stage, first, second) = (Stage(), KeepingExporter(), KeepingExporter())
        let telemetry = try stage.start { $0.exporters = [.custom(first), .custom(second)] }
        (stage.instrument as? any Tracer)?.withAnySpan("x", context: .topLevel) { _ in }
        await telemetry.shutdown()
        #expect(first.spans.count == 1)
        #expect(second.spans == first.spans)
    }

    @Test(
        "a refused start installs nothing and says why",
        arguments: [StartError.Code.alreadyStarted, .tracerInstalled])
    func refused(code: StartError.Code) {
        let stage = Stage()
        #expect(throws: StartError(code: code)) {
            try stage.start(refusal: StartError(code: code))
        }
        #expect(stage.instrument == nil)
        #expect(stage.log.lines.isEmpty)
    }

    @Test("printing shows every setting with its origin")
    func printing() async throws {
        let stage = Stage()
        let telemetry = try stage.start(["OTEL_SERVICE_NAME": "items"], printing: true)
        #expect(stage.lines.contains("service.name = items (OTEL_SERVICE_NAME)"))
        #expect(stage.lines.contains("sampler = parentbased_always_on (default)"))
        await telemetry.shutdown()
    }

    @Test("the level of Contrail's own lines is obeyed", arguments: [("none", 0), ("warn", 1), ("info", 2)])
    func level(name: String, lines: Int) async throws {
        let stage = Stage()
        let telemetry = try stage.start(["OTEL_LOG_LEVEL": name, "OTEL_BSP_MAX_QUEUE_SIZE": "-1"])
        #expect(stage.log.lines.count == lines)
        await telemetry.shutdown()
    }
}

// SPDX-License-Identifier: Apache-2.0

import Contrail
import Foundation
import Instrumentation
import Logging
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// What concerns the whole process runs in a process of its own.
@Suite("Process")
struct ProcessTests {
    @Test(
        "start makes withSpan of any library land in the exporter, and a second start is an error, not a trap"
    )
    func start() async {
        await #expect(processExitsWith: .success) {
            let exporter = KeepingExporter()
            let telemetry = try Contrail.start { $0.exporters = [.custom(exporter)] }
            withSpan("library") { _ in }
            TelemetryScope("own").tracer.withSpan("fast lane") { _ in }
            #expect(throws: StartError(code: .alreadyStarted)) { _ = try Contrail.start() }
            await telemetry.shutdown()
            #expect(Set(exporter.spans.map(\.name)) == ["library", "fast lane"])
        }
    }

    @Test("another tracer that was installed before is an error, not a trap")
    func otherTracer() async {
        await #expect(processExitsWith: .success) {
            InstrumentationSystem.bootstrap(NoOpTracer())
            #expect(throws: StartError(code: .tracerInstalled)) { _ = try Contrail.start() }
        }
    }

    @Test("the environment of the process decides")
    func environment() async {
        await #expect(processExitsWith: .success) {
            setenv("OTEL_SDK_DISABLED", "true", 1)
            setenv("OTEL_SERVICE_NAME", "from-environment", 1)
            let telemetry = try Contrail.start()
            #expect(telemetry.settings.disabledBy == .environment("OTEL_SDK_DISABLED"))
            #expect(telemetry.settings.resource.serviceName == "from-environment")
            #expect(withSpan("off") { !$0.isRecording })
        }
    }

    @Test("an endpoint that nobody listens on gives one line, however many batches fail")
    func unreachable() async {
        await #expect(processExitsWith: .success) {
            let log = CapturedLog()
            try Contrail.bootstrapLogging { _ in CapturedLog.Handler(log: log) }
            let telemetry = try Contrail.start { settings in
                settings.exporters = [
                    .otlp(.httpProtobuf, to: "http://127.0.0.1:1", timeout: .milliseconds(20))
                ]
                settings.traces.batch = .init(maxExportBatchSize: 1)
            }
            for _ in 0..<20 { withSpan("lost") { _ in } }
            let report = await telemetry.shutdown()
            #expect(report.undelivered > 0)
            #expect(log.lines("Spans could not be exported.").count == 1)
            #expect(log.lines("opentelemetry_spans_lost").count == 1)
        }
    }

    @Test("who ignores what start returns has telemetry all the same")
    func ignored() async {
        await #expect(processExitsWith: .success) {
            let exporter = KeepingExporter()
            _ = try Contrail.start { settings in
                settings.exporters = [.custom(exporter)]
                settings.traces.batch.maxExportBatchSize = 1
            }
            withSpan("x") { _ in }
            while exporter.spans.isEmpty { await Task.yield() }
        }
    }

    @Test("withTelemetry sends the spans of a body that throws, and throws on")
    func scoped() async {
        await #expect(processExitsWith: .success) {
            struct Failure: Error {}
            let exporter = KeepingExporter()
            await #expect(throws: Failure.self) {
                try await Contrail.withTelemetry(configure: { $0.exporters = [.custom(exporter)] }) {
                    try withSpan("migrate") { _ in throw Failure() }
                }
            }
            #expect(exporter.spans.map(\.name) == ["migrate"])
            #expect(exporter.spans.first?.status.code == .error)
        }
    }

    @Test("a program that was started with TRACEPARENT goes on with that trace, and hands it to its children")
    func handedOver() async {
        await #expect(processExitsWith: .success) {
            let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            setenv("TRACEPARENT", parent, 1)
            setenv("TRACESTATE", "vendor=1", 1)
            setenv("BAGGAGE", "tenant=acme", 1)
            let exporter = KeepingExporter()
            let child = Process()
            child.environment = ["PATH": "/bin", "TRACEPARENT": "stale"]
            try await Contrail.withTelemetry(configure: { $0.exporters = [.custom(exporter)] }) {
                #expect(Baggage.current["tenant"] == "acme")
                withSpan("job") { _ in child.propagate(.current) }
            }
            let span = try #require(exporter.spans.first)
            #expect(span.parentSpanID?.hex == "b7ad6b7169203331")
            #expect(
                child.environment == [
                    "PATH": "/bin",
                    "TRACEPARENT": "00-0af7651916cd43dd8448eb211c80319c-\(span.spanID.hex)-01",
                    "TRACESTATE": "vendor=1", "BAGGAGE": "tenant=acme",
                ])
        }
    }

    @Test("withTelemetry returns what its body returns")
    func scopedValue() async {
        await #expect(processExitsWith: .success) {
            setenv("OTEL_TRACES_EXPORTER", "none", 1)
            let value = try await Contrail.withTelemetry { 7 }
            #expect(value == 7)
        }
    }

    @Test("logging is bootstrapped by one line, a second time is an error, not a trap")
    func logging() async {
        await #expect(processExitsWith: .success) {
            let log = CapturedLog()
            try Contrail.bootstrapLogging { _ in CapturedLog.Handler(log: log) }
            #expect(throws: StartError(code: .loggingInstalled)) { try Contrail.bootstrapLogging() }
            _ = try Contrail.start { $0.exporters = [.custom(KeepingExporter())] }
            let logger = Logger(label: "any")
            withSpan("x") { span in
                logger.info("inside")
                #expect(
                    log.lines("inside").first?.metadata["span_id"] == span.context.spanContext?.spanID.hex)
            }
            logger.info("outside")
            #expect(log.lines("outside").first?.metadata == [:])
        }
    }
}

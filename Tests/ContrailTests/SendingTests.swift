// SPDX-License-Identifier: Apache-2.0

import Contrail
import Loopback
import OTLPWire
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// From the environment to the socket and back.
@Suite("Sending")
struct SendingTests {
    @Test("OTLP/HTTP: spans arrive at the base endpoint plus v1/traces, with the headers of the environment")
    func http() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let stage = Stage()
        let telemetry = try stage.start([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.port)/base",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer%20secret", "OTEL_SERVICE_NAME": "items",
        ])
        (stage.instrument as? any Tracer)?.withAnySpan("over http", context: .topLevel) { _ in }
        #expect(await telemetry.shutdown().undelivered == 0)
        let request = try #require(receiver.requests.first)
        #expect(request.uri == "/base/v1/traces")
        #expect(request.header("authorization") == "Bearer secret")
        #expect(receiver.spans.map(\.name) == ["over http"])
        #expect(try request.traces().resourceSpans.first?.resource.serviceName == "items")
        #expect(!stage.log.text.contains("secret"))
        await receiver.stop()
    }

    #if GRPC
        @Test("OTLP/gRPC: spans arrive when the environment says grpc")
        func grpc() async throws {
            let receiver = try await LoopbackGRPCReceiver.start()
            let stage = Stage()
            let telemetry = try stage.start([
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            ])
            (stage.instrument as? any Tracer)?.withAnySpan("over grpc", context: .topLevel) { _ in }
            #expect(await telemetry.shutdown().undelivered == 0)
            #expect(receiver.spans.map(\.name) == ["over grpc"])
            #expect(stage.log.lines("opentelemetry_initialized").first?.metadata["protocol"] == "grpc")
            await receiver.stop()
        }
    #endif

    @Test("two receivers at once, said in code")
    func inCode() async throws {
        let (first, second) = (try await LoopbackOTLPReceiver.start(), try await LoopbackOTLPReceiver.start())
        let stage = Stage()
        let telemetry = try stage.start { settings in
            settings.exporters = [
                .otlp(.httpProtobuf, to: "http://127.0.0.1:\(first.port)"),
                .otlp(
                    .httpProtobuf, exactly: "http://127.0.0.1:\(second.port)/exact",
                    headers: ["x-tenant": "7"]),
            ]
        }
        (stage.instrument as? any Tracer)?.withAnySpan("twice", context: .topLevel) { _ in }
        await telemetry.shutdown()
        #expect(first.requests.map(\.uri) == ["/v1/traces"])
        #expect(second.requests.map(\.uri) == ["/exact"])
        #expect(second.requests.first?.header("x-tenant") == "7")
        await first.stop()
        await second.stop()
    }
}

// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Contrail
import Foundation
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

    @Test("Zipkin and a file at once: both get the span, by variable and by code")
    func zipkinAndFile() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: .answer(status: 202))
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "spans.jsonl").path()
        let stage = Stage()
        let telemetry = try stage.start([
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT": "http://127.0.0.1:\(receiver.port)/in",
            "OTEL_SERVICE_NAME": "items",
        ]) { $0.exporters = [.zipkin(), .otlpFile(path)] }
        (stage.instrument as? any Tracer)?.withAnySpan("to both", context: .topLevel) { _ in }
        #expect(await telemetry.shutdown().undelivered == 0)
        let request = try #require(receiver.requests.first)
        #expect(request.uri == "/in")
        #expect(String(decoding: request.body, as: UTF8.self).contains(#""name":"to both""#))
        let line = try String(contentsOfFile: path, encoding: .utf8).dropLast()
        let written = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: Array(line.utf8))
        #expect(written.resourceSpans.first?.resource.serviceName == "items")
        #expect(written.resourceSpans.first?.scopeSpans.first?.spans.map(\.name) == ["to both"])
        #expect(
            stage.log.lines("opentelemetry_initialized").first?.metadata["protocol"] == "zipkin,otlp/file")
        await receiver.stop()
    }

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

    @Test("of several receivers, one that says nothing does not slow the others")
    func deadBesideLiving() async throws {
        let (dead, living) = (
            try await LoopbackOTLPReceiver.start(otherwise: .hang), try await LoopbackOTLPReceiver.start()
        )
        let stage = Stage()
        let telemetry = try stage.start { settings in
            settings.traces.batch.scheduleDelay = .milliseconds(1)
            settings.exporters = [
                .otlp(.httpProtobuf, to: "http://127.0.0.1:\(dead.port)", timeout: .zero),
                .otlp(.httpProtobuf, to: "http://127.0.0.1:\(living.port)"),
            ]
        }
        let tracer = try #require(stage.instrument as? any Tracer)
        for count in 1...3 {
            tracer.withAnySpan("span \(count)", context: .topLevel) { _ in }
            // Returns when it is there: the dead receiver's export has not ended then, and never will.
            _ = await living.requests(atLeast: count)
        }
        #expect(living.spans.map(\.name) == ["span 1", "span 2", "span 3"])
        #expect(dead.requests.count <= 1)
        // Ends the export that hangs, so that the shutdown need not wait for its time to be over.
        await dead.stop()
        await telemetry.shutdown()
        await living.stop()
    }

    @Test("a certificate that cannot be read is said with its variable, and the program goes on")
    func badCertificate() async throws {
        let stage = Stage()
        let telemetry = try stage.start([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "https://localhost:1",
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/nowhere/ca.pem",
        ])
        let said = "OTEL_EXPORTER_OTLP_CERTIFICATE: /nowhere/ca.pem cannot be read: No such file or directory"
        #expect(stage.log.text.contains(said))
        await telemetry.shutdown()
    }
}

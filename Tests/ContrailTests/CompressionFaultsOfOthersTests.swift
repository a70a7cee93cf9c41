// SPDX-License-Identifier: Apache-2.0

import Contrail
import Loopback
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// Each was seen in an SDK of 2026: a setting that is taken and does nothing, on both transports, without a word.
@Suite("Known faults of others: compression", .timeLimit(.minutes(1)))
struct CompressionFaultsOfOthersTests {
    private static let spanCount = 300
    private static let names = (0..<spanCount).map { "GET /items/\($0)" }

    /// Bytes from the exporter to the socket for the same spans.
    private func bytesOnTheWire(
        _ environment: [String: String], to port: Int, code: (inout TelemetrySettings) -> Void = { _ in }
    ) async throws -> Int {
        let relay = try await CountingRelay.start(to: port)
        let stage = Stage()
        var environment = environment
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:\(relay.port)"
        let telemetry = try stage.start(environment, code: code)
        let tracer = try #require(stage.instrument as? any Tracer)
        for name in Self.names {
            tracer.withAnySpan(name, context: .topLevel) { span in
                span.attributes["http.response.header.content-type"] = "application/json; charset=utf-8"
                span.attributes["url.full"] = "https://items.example.com\(name.dropFirst(4))"
            }
        }
        #expect(await telemetry.shutdown().undelivered == 0)
        await relay.stop()
        return relay.bytesSent
    }

    @Test("gzip over HTTP: fewer bytes reach the socket, and they hold the same spans")
    func http() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let plain = try await bytesOnTheWire([:], to: receiver.port)
        let plainRequests = receiver.requests.count
        let compressed = try await bytesOnTheWire(
            ["OTEL_EXPORTER_OTLP_COMPRESSION": "GZIP"], to: receiver.port)
        #expect(plain > 20_000)
        #expect(compressed < plain / 3, "\(compressed) of \(plain) bytes")
        #expect(
            receiver.requests.prefix(plainRequests).allSatisfy { $0.header("content-encoding") == nil })
        #expect(
            receiver.requests.dropFirst(plainRequests).allSatisfy {
                $0.header("content-encoding") == "gzip" && $0.header("content-length") == "\($0.body.count)"
            })
        #expect(receiver.spans.map(\.name) == Self.names + Self.names)
        await receiver.stop()
    }

    #if GRPC
        @Test("gzip over gRPC: fewer bytes reach the socket, and they hold the same spans")
        func grpc() async throws {
            let receiver = try await LoopbackGRPCReceiver.start()
            let environment = ["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"]
            let plain = try await bytesOnTheWire(environment, to: receiver.port)
            let compressed = try await bytesOnTheWire(
                environment.merging(["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip"]) { $1 },
                to: receiver.port)
            #expect(plain > 20_000)
            #expect(compressed < plain / 3, "\(compressed) of \(plain) bytes")
            #expect(receiver.spans.map(\.name) == Self.names + Self.names)
            await receiver.stop()
        }
    #endif

    @Test("what the code says of compression wins over the environment, in both directions")
    func inCode() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let compressed = try await bytesOnTheWire([:], to: receiver.port) {
            $0.exporters = [.otlp(compression: .gzip)]
        }
        let plain = try await bytesOnTheWire(
            ["OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"], to: receiver.port
        ) { $0.exporters = [.otlp(compression: OTLPCompression.none)] }
        #expect(compressed < plain / 3, "\(compressed) of \(plain) bytes")
        await receiver.stop()
    }
}

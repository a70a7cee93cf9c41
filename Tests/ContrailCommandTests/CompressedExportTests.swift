// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Contrail
import Foundation
import Instrumentation
import Logging
import Loopback
import NIOCore
import Synchronization
import TelemetryConfiguration
import TelemetrySDK
import Testing
import Tracing

@testable import ContrailCommand

@Suite("contrail serve and gzip", .timeLimit(.minutes(2)))
struct CompressedExportTests {
    @Test(
        "contrail serve takes what the exporters compress",
        arguments: [("http/protobuf", "httpPort"), ("grpc", "grpcPort")])
    func takesGzip(transport: String, port: String) async throws {
        let program = try Program.product(
            "contrail", ["--grpc-port", "0", "--http-port", "0", "--ui-port", "0", "--in-memory"])
        let ports = try await program.readyPorts()
        let relay = try await CountingRelay.start(to: ports[port] ?? 0)
        let installed = Mutex<(any Instrument)?>(nil)
        let telemetry = try Contrail.start(
            TelemetrySettings(), printing: false,
            in: Surroundings(
                environment: [
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(relay.port)",
                    "OTEL_EXPORTER_OTLP_PROTOCOL": transport, "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
                ],
                process: .init(executableName: "stage", instanceID: "i-1"),
                makeLogger: { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }, diagnose: { _ in },
                claim: {}, install: { instrument, _ in installed.withLock { $0 = instrument } },
                keep: { _ in },
                print: { _ in }))
        let tracer = try #require(installed.withLock { $0 } as? any Tracer)
        var headers: [String: String] = [:]
        tracer.withAnySpan("root", context: .topLevel) { root in
            tracer.inject(root.context, into: &headers, using: HeaderFields())
            for index in 0..<200 {
                tracer.withAnySpan("item \(index) of many", context: root.context) { _ in }
            }
        }
        #expect(await telemetry.shutdown().undelivered == 0)
        // A span has 40 bytes of ids and times alone.
        #expect(relay.bytesSent < 200 * 40, "\(relay.bytesSent)")
        let traceID = try #require(headers["traceparent"]?.split(separator: "-").dropFirst().first)
        let url = "http://127.0.0.1:\(ports["uiPort"] ?? 0)/api/v1/traces/\(traceID)"
        let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
        let body = String(buffer: try await answer.body.collect(upTo: 16 << 20))
        #expect((0..<200).allSatisfy { body.contains("item \($0) of many") })
        await relay.stop()
        #expect(await program.stop() == 0)
    }
}

private struct HeaderFields: Injector {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}

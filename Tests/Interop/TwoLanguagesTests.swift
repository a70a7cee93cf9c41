// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TelemetryModel
import Testing

@Suite(
    "Interop: two languages",
    .enabled(if: PythonService.isInstalled, "needs .venv with the Python packages: make test installs it"))
struct TwoLanguagesTests {
    @Test("a Swift gateway that calls a FastAPI service makes one trace", .timeLimit(.minutes(2)))
    func oneTrace() async throws {
        let folder = try TemporaryFolder()
        let contrail = try Program.product(
            "contrail", ["serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
        let ports = try await contrail.readyPorts()
        let httpPort = try #require(ports["httpPort"])
        let uiPort = try #require(ports["uiPort"])
        let python = try await PythonService.start(
            exportingTo: "http://127.0.0.1:\(httpPort)", by: "http", in: folder.url)
        let gateway = try Program.product(
            "shop-gateway",
            environment: [
                "SHOP_PORT": "0",
                "SHOP_ITEMS_URL": "http://127.0.0.1:\(python.port)",
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(httpPort)",
                "OTEL_BSP_SCHEDULE_DELAY": "100",
            ])
        let gatewayPort = try #require(try await gateway.readyPorts()["port"])

        let trace = TraceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
        let answer = try await HTTP.post(
            "http://127.0.0.1:\(gatewayPort)/api/v1/items/", json: #"{"name":"pen","price":1.5}"#,
            headers: ["traceparent": "00-\(trace.hex)-\(SpanID(value: 7).hex)-01"])
        #expect(answer.status == 201)

        // Seven spans of FastAPI, and the gateway's server and client span.
        let spans = try await eventually("nine spans of \(trace)") {
            let spans = try await HTTP.spans(of: trace, port: uiPort)
            return spans?.count == 9 ? spans : nil
        }
        #expect(Set(spans.map(\.service)) == ["gateway", "items-api"])
        let client = try #require(spans.first { $0.service == "gateway" && $0.span.kind == .client })
        let server = try #require(spans.first { $0.service == "items-api" && $0.span.kind == .server })
        #expect(server.span.parentSpanID == client.span.spanID)

        #expect(await gateway.stop() == 0)
        await python.program.stop()
        await contrail.stop()
    }
}

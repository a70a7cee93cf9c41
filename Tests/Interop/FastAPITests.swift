// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import TelemetryModel
import Testing

@Suite(
    "Interop: FastAPI with OpenTelemetry Python",
    .enabled(if: PythonService.isInstalled, "needs .venv with the Python packages: make test installs it"))
struct FastAPITests {
    private static let names: Set = [
        "POST /api/v1/items/", "POST /api/v1/items/ http receive", "POST /api/v1/items/ http send",
        "validate_input", "DB INSERT items", "log_event",
    ]

    @Test(
        "its seven spans arrive in one trace, joined to the caller's traceparent",
        arguments: ["grpc", "http"])
    func sevenSpans(transport: String) async throws {
        let folder = try TemporaryFolder()
        let contrail = try Program.product(
            "contrail", ["serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
        let ports = try await contrail.readyPorts()
        let port = try #require(transport == "grpc" ? ports["grpcPort"] : ports["httpPort"])
        let uiPort = try #require(ports["uiPort"])
        let service = try await PythonService.start(
            exportingTo: "http://127.0.0.1:\(port)", by: transport, in: folder.url)

        let trace = TraceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
        let caller = SpanID(value: .random(in: 1 ... .max))
        let answer = try await HTTP.post(
            "http://127.0.0.1:\(service.port)/api/v1/items/", json: #"{"name":"pen","price":1.5}"#,
            headers: ["traceparent": "00-\(trace.hex)-\(caller.hex)-01"])
        #expect(answer.status == 201)

        let spans = try await eventually("seven spans of \(trace)") {
            let spans = try await HTTP.spans(of: trace, port: uiPort)
            return spans?.count == 7 ? spans : nil
        }
        #expect(Set(spans.map(\.span.name)) == Self.names)
        #expect(Set(spans.map(\.service)) == ["items-api"])
        let server = try #require(spans.first { $0.span.kind == .server })
        #expect(server.span.parentSpanID == caller)
        #expect(await contrail.stop() == 0)
        await service.program.stop()
    }
}

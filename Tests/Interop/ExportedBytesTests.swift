// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Foundation
import Loopback
import OTLPHTTPExporter
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

@Suite(
    "Interop: what the exporter sends, read by Python",
    .enabled(if: PythonService.isInstalled, "needs .venv with the Python packages: make test installs it"))
struct ExportedBytesTests {
    @Test(
        "a body from the socket says in Python what the program said in Swift, plain and compressed",
        arguments: [OTLPCompression.none, .gzip])
    func body(compression: OTLPCompression) async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let clock = ManualClock()
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, compression: compression))
        let provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "items", "process.pid": 7]),
            idGenerator: FixedIDs(), clock: clock,
            processors: [BatchSpanProcessor(exporter: exporter)])
        let tracer = provider.tracer(
            TelemetryScope(
                "com.example.items", version: "1.4.0", schemaURL: "https://s/1", attributes: ["a": true]))
        let upstream = SpanContext(traceID: TraceID(high: 9, low: 9), spanID: SpanID(value: 9))
        tracer.withSpan(
            "größer", kind: .server, links: [TelemetryLink(upstream, attributes: ["why": "batch"])]
        ) {
            span in
            span["text"] = "a\"b"
            span["number"] = -3
            span["ratio"] = 0.25
            span["list"] = [1, 2]
            clock.advance(by: .milliseconds(1))
            span.addEvent("cache.miss", ["key": "k"])
            tracer.withSpan("inner") { $0.setStatus(.error, "no") }
            clock.advance(by: .milliseconds(1))
        }
        _ = await provider.shutdown()

        let request = try #require(receiver.requests.first)
        #expect(receiver.requests.count == 1)
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "body")
        try Data(request.body).write(to: file)
        let script = Program.packageRoot.appending(path: "Tests/Interop/decode_export.py")
        let python = try Program(
            executable: Program.packageRoot.appending(path: ".venv/bin/python"),
            arguments: [
                script.path(), file.path(), request.header("content-type") ?? "",
                request.header("content-encoding") ?? "none",
            ])
        let exitCode = await python.exitCode()
        #expect(exitCode == 0, "\(python.errors)")
        let trace = "00000000000000000000000000000001"
        let start: UInt64 = 1_767_225_600_000_000_000
        let expected = """
            resource service.name=string_value:items process.pid=int_value:7
            scope com.example.items 1.4.0 https://s/1 a=bool_value:True
            span \(trace) 0000000000000002 0000000000000001 inner
              1 \(start + 1_000_000) \(start + 1_000_000) 0x101
              status 2 no
            span \(trace) 0000000000000001 - größer
              2 \(start) \(start + 2_000_000) 0x101
              text=string_value:a"b number=int_value:-3 ratio=double_value:0.25 list=[int_value:1, int_value:2]
              event \(start + 1_000_000) cache.miss key=string_value:k
              link 00000000000000090000000000000009 0000000000000009 why=string_value:batch
              status 0

            """
        #expect(python.output == expected, "\n\(python.output)")
        await receiver.stop()
    }
}

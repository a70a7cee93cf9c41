// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

@Suite("The console exporter")
struct ConsoleSpanExporterTests {
    @Test("it keeps the contract of exporters")
    func contract() async throws {
        try await SpanExporterContract.check { ConsoleSpanExporter(sink: LogSink { _ in }) }
    }

    @Test("each span is one line with its name, its ids and its attributes")
    func line() async {
        let lines = Mutex<[String]>([])
        let sink = LogSink { bytes in lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) } }
        let provider = TracerProvider(
            processors: [SimpleSpanProcessor(exporter: ConsoleSpanExporter(sink: sink))])
        provider.tracer(TelemetryScope("shop")).withSpan("brew", attributes: ["tea": "green"]) { _ in }
        _ = await provider.shutdown()
        let written = lines.withLock { $0 }
        #expect(written.count == 1)
        #expect(written.first?.contains("name=brew") == true, "\(written)")
        #expect(written.first?.contains("tea=green") == true, "\(written)")
        #expect(written.first?.contains("trace_id=") == true, "\(written)")
    }
}

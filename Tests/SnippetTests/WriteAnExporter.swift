// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

final class LineExporter: SpanExporter {
    private let write: @Sendable (String) throws -> Void
    private let isShutDown = Atomic(false)

    init(_ write: @escaping @Sendable (String) throws -> Void) { self.write = write }

    func export(_ batch: SpanBatch) async -> ExportResult {
        guard !isShutDown.load(ordering: .relaxed) else {
            return .failure(ExportError(code: .shutDown, endpoint: "lines", message: "it was shut down"))
        }
        do {
            for resource in batch.resourceSpans {
                for span in resource.scopeSpans.flatMap(\.spans) {
                    try write("\(span.traceID) \(span.name) \(span.durationNano) ns")
                }
            }
            return .success()
        } catch {
            return .failure(ExportError(code: .refused, endpoint: "lines", message: "\(error)"))
        }
    }

    func forceFlush() async {}
    func shutdown() async { isShutDown.store(true, ordering: .relaxed) }
}

@Suite("Article: How do I send spans somewhere of my own?")
struct WriteAnExporterSnippets {
    /// Compiled only.
    private func inSettings(_ settings: inout TelemetrySettings) {
        settings.exporters = [.custom(LineExporter { print($0) })]
    }

    @Test("the exporter keeps its contract")
    func exporterContract() async throws {
        try await SpanExporterContract.check { LineExporter { _ in } }
    }

    @Test("what ended is written, and what the exporter refuses is reported")
    func writes() async {
        struct Full: Error {}
        let lines = Mutex<[String]>([])
        let exporter = LineExporter { line in
            try lines.withLock { if $0.count < 2 { $0.append(line) } else { throw Full() } }
        }
        let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
        let tracer = provider.tracer(TelemetryScope("shop"))
        tracer.withSpan("brew") { _ in }
        #expect(await provider.forceFlush().outcome == .completed)
        #expect(lines.withLock { $0 }.first?.contains(" brew ") == true)
        for _ in 0..<2 { tracer.withSpan("brew") { _ in } }
        #expect(await provider.shutdown() == FlushReport(.failed, undelivered: 2))
    }
}

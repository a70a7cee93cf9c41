// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Foundation
import OTLPWire
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

@testable import OTLPFileExporter

@Suite("Export: OTLP in JSON lines", .timeLimit(.minutes(1)))
struct OTLPFileSpanExporterTests {
    private let folder: TemporaryFolder
    private let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.url.appending(path: "spans.jsonl").path
    }

    private func lines(_ suffix: String = "") throws -> [[UInt8]] {
        let data = try Data(contentsOf: URL(filePath: path + suffix))
        #expect(data.isEmpty || data.last == UInt8(ascii: "\n"))
        return data.split(separator: UInt8(ascii: "\n")).map(Array.init)
    }

    private func names(_ suffix: String = "") throws -> [String] {
        try lines(suffix).flatMap { line in
            try OTLPJSON.decode(ExportTraceServiceRequest.self, from: line).resourceSpans
                .flatMap(\.scopeSpans).flatMap(\.spans).map(\.name)
        }
    }

    private func error(_ result: ExportResult) -> ExportError? {
        if case .failure(let error) = result { error } else { nil }
    }

    @Test("metrics know it by a name made as those of the conventions")
    func described() {
        let exporter = OTLPFileSpanExporter(.file(path))
        #expect(exporter.componentType == "otlp_file_span_exporter")
        #expect(exporter.server == nil)
    }

    @Test("it keeps the contract of exporters")
    func contract() async throws {
        try await SpanExporterContract.check { OTLPFileSpanExporter(.file(path)) }
    }

    @Test("a pipe is refused instead of waiting for its reader, and after the end no file is opened again")
    func notAFile() async throws {
        #expect(mkfifo(path, 0o600) == 0)
        let pipe = OTLPFileSpanExporter(.file(path))
        let refusal = error(await pipe.export(.named("a")))
        #expect(refusal?.message == "is a pipe or a socket, not a file; standard output is named \"stdout\"")
        await pipe.shutdown()
        let file = AppendedFile(path: path + "2", bytesMax: nil, filesMax: 2)
        await file.close()
        await #expect(throws: ExportError.self) { try await file.write([0x7B, 0x7D, 0x0A]) }
        #expect(!FileManager.default.fileExists(atPath: path + "2"))
    }

    @Test("each batch is one line that says all that the batch says, and is readable at once")
    func linesPerBatch() async throws {
        let exporter = OTLPFileSpanExporter(.file(path))
        #expect(error(await exporter.export(.named("a", "b"))) == nil)
        #expect(try lines().count == 1)
        #expect(error(await exporter.export(.named("line\nbreak"))) == nil)
        #expect(try names() == ["a", "b", "line\nbreak"])
        let first = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: try lines()[0])
        #expect(first.resourceSpans == SpanBatch.named("a", "b").resourceSpans)
        await exporter.shutdown()
        #expect(error(await exporter.export(.named("late")))?.code == .shutDown)
        #expect(try lines().count == 2)
    }

    @Test("what is there stays, and several exporters may write one file")
    func appends() async throws {
        try Data("{}\n".utf8).write(to: URL(filePath: path))
        let path = path
        await withTaskGroup { group in
            for writer in 0..<4 {
                group.addTask {
                    let exporter = OTLPFileSpanExporter(.file(path))
                    for number in 0..<50 { _ = await exporter.export(.named("\(writer)-\(number)")) }
                    await exporter.shutdown()
                }
            }
        }
        #expect(try lines().count == 201)
        #expect(try Set(names()).count == 200)
    }

    @Test("a file that was moved away is made anew, as logrotate wants it")
    func movedAway() async throws {
        let exporter = OTLPFileSpanExporter(.file(path))
        _ = await exporter.export(.named("old"))
        try FileManager.default.moveItem(atPath: path, toPath: "\(path).moved")
        _ = await exporter.export(.named("new"))
        #expect(try names(".moved") == ["old"])
        #expect(try names() == ["new"])
        await exporter.shutdown()
    }

    @Test("above its size the file is renamed, and only so many are kept")
    func rotates() async throws {
        let lineSize =
            OTLPJSON.encode(ExportTraceServiceRequest(resourceSpans: SpanBatch.named("0").resourceSpans))
            .count + 1
        let exporter = OTLPFileSpanExporter(.file(path, bytesMax: 2 * lineSize, filesMax: 3))
        for number in 0..<9 { _ = await exporter.export(.named("\(number)")) }
        #expect(try names() == ["8"])
        #expect(try names(".1") == ["6", "7"])
        #expect(try names(".2") == ["4", "5"])
        #expect(!FileManager.default.fileExists(atPath: "\(path).3"))
        await exporter.shutdown()
        let next = OTLPFileSpanExporter(.file(path, bytesMax: lineSize, filesMax: 3))
        _ = await next.export(.named("9"))
        #expect(try names() == ["9"])
        await next.shutdown()
    }

    @Test(
        "a folder that is missing fails the batch with the reason; when it is there the next one is written")
    func missingFolder() async throws {
        let inside = folder.url.appending(path: "not/yet")
        let exporter = OTLPFileSpanExporter(.file(inside.appending(path: "spans.jsonl").path))
        let error = try #require(self.error(await exporter.export(.named("lost"))))
        #expect(error.code == .unreachable)
        #expect(error.description.contains("No such file or directory"), "\(error)")
        try FileManager.default.createDirectory(at: inside, withIntermediateDirectories: true)
        #expect(self.error(await exporter.export(.named("kept"))) == nil)
        await exporter.shutdown()
    }

    @Test(
        "a full disk fails the batch with the reason",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func fullDisk() async throws {
        let exporter = OTLPFileSpanExporter(.file("/dev/full"))
        for _ in 0..<2 {
            let error = try #require(self.error(await exporter.export(.named("lost"))))
            #expect(error.code == .refused)
            #expect(error.description.contains("No space left on device"), "\(error)")
        }
        await exporter.shutdown()
    }

    @Test("batches of a processor that cannot be written are counted, with the reason's name")
    func counted() async throws {
        let processor = BatchSpanProcessor(
            exporter: OTLPFileSpanExporter(.file(folder.url.appending(path: "no/spans.jsonl").path)))
        let provider = TracerProvider(processors: [processor])
        provider.tracer(.init("test")).startSpan("lost").end()
        _ = await provider.forceFlush()
        #expect(processor.counts.droppedByReason == [.exportFailed: 1])
        _ = await provider.shutdown()
    }
}

extension SpanBatch {
    /// Spans of these names, in one scope.
    static func named(_ names: String...) -> SpanBatch {
        let spans = names.enumerated().map { number, name in
            SpanData(
                traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: UInt64(number) + 1), name: name,
                startTimeUnixNano: 1, endTimeUnixNano: 2, attributes: ["number": .int(Int64(number))])
        }
        return SpanBatch([
            ResourceSpans(
                resource: Resource(attributes: ["service.name": "items"]),
                scopeSpans: [ScopeSpans(scope: .init(name: "test"), spans: spans)])
        ])
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Foundation
import OTLPWire
import TelemetryModel
import TelemetrySDK
import Testing

@testable import OTLPFileExporter

@Suite("Export: OTLP to a stream", .timeLimit(.minutes(1)))
struct StreamOutputTests {
    private let pipe = Pipe()

    private func exporter(timeout: Duration = .seconds(30)) -> OTLPFileSpanExporter {
        OTLPFileSpanExporter(
            StreamOutput(
                descriptor: pipe.fileHandleForWriting.fileDescriptor, name: "stdout", timeout: timeout))
    }

    /// More than a pipe holds (64 KiB).
    private let long = SpanBatch.named(String(repeating: "x", count: 200_000))

    @Test("a line arrives whole, however long, when somebody reads")
    func arrives() async throws {
        let exporter = exporter()
        async let first = exporter.export(long)
        var bytes: [UInt8] = []
        while bytes.last != UInt8(ascii: "\n") { bytes += pipe.fileHandleForReading.availableData }
        guard case .success = await first else { return #expect(Bool(false), "it failed") }
        let request = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: Array(bytes.dropLast()))
        #expect(request.resourceSpans == long.resourceSpans)
    }

    @Test("a reader who does not read costs the batch, not the program; the next line is whole again")
    func nobodyReads() async throws {
        let exporter = exporter(timeout: .milliseconds(20))
        guard case .failure(let error) = await exporter.export(long) else {
            return #expect(Bool(false), "it came")
        }
        #expect(error.code == .timeout)
        let reading = Task.detached { [pipe] in try pipe.fileHandleForReading.readToEnd() ?? Data() }
        var isWritten = false
        while !isWritten { if case .success = await exporter.export(.named("next")) { isWritten = true } }
        try pipe.fileHandleForWriting.close()
        let lines = try await reading.value.split(separator: UInt8(ascii: "\n")).map(Array.init)
        let last = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: try #require(lines.last))
        #expect(last.resourceSpans == SpanBatch.named("next").resourceSpans)
    }

    @Test("a reader who has gone fails the batch, and does not end the program")
    func readerGone() async throws {
        try pipe.fileHandleForReading.close()
        guard case .failure(let error) = await exporter().export(.named("lost")) else {
            return #expect(Bool(false), "it came")
        }
        #expect(error.code == .refused)
        #expect(error.description.contains("Broken pipe"), "\(error)")
    }

    @Test("a shutdown of the exporter leaves the descriptor open: it is the program's")
    func leavesOpen() async throws {
        await exporter().shutdown()
        try pipe.fileHandleForWriting.write(contentsOf: Data("still\n".utf8))
    }
}

// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ExportFixtures
import Foundation
import Loopback
import OTLPHTTPExporter
import OTLPWire
import TelemetryModel
import TelemetrySDK
import Testing

private let interpreter = Program.packageRoot.appending(path: ".venv/bin/python")

@Suite("Export: OTLP/HTTP in JSON", .timeLimit(.minutes(1)))
struct JSONExportTests {
    private static let json = [("Content-Type", "application/json")]

    private func export(
        _ script: [LoopbackOTLPReceiver.Reply], compression: OTLPCompression = .none
    ) async throws -> (ExportResult, [LoopbackOTLPReceiver.Request]) {
        let receiver = try await LoopbackOTLPReceiver.start(script)
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, compression: compression), encoding: .json)
        #expect(exporter.componentType == "otlp_http_json_span_exporter")
        let result = await exporter.export(.sample("first"))
        await exporter.shutdown()
        let requests = receiver.requests
        await receiver.stop()
        return (result, requests)
    }

    private static let empty = LoopbackOTLPReceiver.Reply.answer(
        status: 200, headers: json, body: Array("{}".utf8))

    @Test(
        "a batch arrives as JSON: ids in hexadecimal, 64-bit numbers as strings",
        arguments: OTLPCompression.allCases)
    func delivers(compression: OTLPCompression) async throws {
        let (result, requests) = try await export([Self.empty], compression: compression)
        #expect(result.rejected == 0)
        let request = try #require(requests.first)
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("content-encoding") == (compression == .gzip ? "gzip" : nil))
        let text = String(decoding: request.plainBody, as: UTF8.self)
        #expect(text.contains(#""traceId":"00000000000000010000000000000002""#))
        #expect(text.contains(#""startTimeUnixNano":"1""#))
        #expect(try request.traces().resourceSpans == SpanBatch.sample("first").resourceSpans)
    }

    @Test("a partial success and an error in JSON are read; an answer without a body is a success")
    func answers() async throws {
        let partial = #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"bad id"}}"#
        let (result, _) = try await export([
            .answer(status: 200, headers: Self.json, body: Array(partial.utf8))
        ])
        #expect(result.rejected == 1)
        let (refused, _) = try await export([
            .answer(status: 400, headers: Self.json, body: Array(#"{"code":3,"message":"because"}"#.utf8))
        ])
        #expect(refused.error?.message == "HTTP 400: because")
        let (silent, requests) = try await export([.answer(status: 200)])
        guard case .success(0, "") = silent else {
            Issue.record("\(silent)")
            return
        }
        #expect(requests.count == 1)
    }

    @Test(
        "Python's opentelemetry-proto reads the body by the rules of proto3",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: interpreter.path()),
            ".venv/bin/python is missing: run `make test` once"))
    func python() async throws {
        let (_, requests) = try await export([Self.empty])
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "body.json")
        // OTLP writes ids in hexadecimal where proto3 has base64; of the names and numbers nothing differs.
        try Data(try #require(requests.first).body).write(to: file)
        let script = """
            import sys
            from google.protobuf import json_format
            from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service
            request = json_format.Parse(open(sys.argv[1]).read(), service.ExportTraceServiceRequest())
            span = request.resource_spans[0].scope_spans[0].spans[0]
            print(span.name, span.start_time_unix_nano, span.end_time_unix_nano)
            """
        let program = try Program(executable: interpreter, arguments: ["-c", script, file.path()])
        #expect(await program.exitCode() == 0, "\(program.errors)")
        #expect(program.output == "first 1 2\n")
    }
}

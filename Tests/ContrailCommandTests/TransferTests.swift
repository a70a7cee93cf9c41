// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import GzipFixtures
import NIOCore
import OTLPWire
import TelemetryModel
import Testing
import WireFixtures

/// `contrail import` and `contrail export` against real servers.
@Suite("contrail import and export", .timeLimit(.minutes(3)))
struct TransferTests {
    private struct Server {
        let program: Program
        let ui: String
        let http: String

        init() async throws {
            program = try Program.product(
                "contrail",
                ["serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
            let ports = try await program.readyPorts()
            ui = "http://127.0.0.1:\(ports["uiPort"] ?? 0)"
            http = "http://127.0.0.1:\(ports["httpPort"] ?? 0)"
        }
    }

    private struct Ended {
        let code: Int32
        let output: String
        let errors: String
    }

    private func contrail(_ arguments: [String]) async throws -> Ended {
        let program = try Program.product("contrail", arguments)
        let code = await program.exitCode()
        return Ended(code: code, output: program.output, errors: program.errors)
    }

    /// Traces with everything that OTLP can say, in the order in which the server gives them.
    private static func traces(_ count: Int) -> [ExportTraceServiceRequest] {
        var random = RandomTelemetry(seed: 7)
        return (0..<count).map { number in
            var scope = random.scopeSpans()
            var span = random.span()
            span.traceID = TraceID(high: 1, low: UInt64(count - number))
            // Latest start first.
            span.startTimeUnixNano = 1_700_000_000_000_000_000 - UInt64(number)
            scope.spans = [span]
            return ExportTraceServiceRequest(resourceSpans: [
                ResourceSpans(resource: random.resource(), scopeSpans: [scope])
            ])
        }
    }

    @Test(
        "what was exported and imported into an empty server is equal, field by field, in every format",
        arguments: [
            [], ["--gzip"], ["--format", "protobuf"], ["--format", "protobuf", "--gzip"],
            ["--compression", "zstd"], ["--format", "protobuf", "--compression", "zstd"],
        ])
    func roundTrip(options: [String]) async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "in.jsonl")
        let traces = Self.traces(40)
        try Data(traces.map { OTLPJSON.encode($0) + [0x0a] }.joined()).write(to: file)

        let first = try await Server()
        let imported = try await contrail(["import", "--to", first.http, file.path()])
        #expect(imported.code == 0, "\(imported.errors)")
        #expect(imported.errors.contains("Imported 40 spans from 1 file."))
        let out = folder.url.appending(path: "out")
        let exported = try await contrail(["export", "--url", first.ui, "-o", out.path()] + options)
        #expect(exported.code == 0, "\(exported.errors)")
        #expect(exported.errors.contains("Exported 40 traces with 40 spans"))
        #expect(try Data(contentsOf: out).starts(with: [0x1f, 0x8b]) == options.contains("--gzip"))
        #expect(
            try Data(contentsOf: out).starts(with: [0x28, 0xb5, 0x2f, 0xfd]) == options.contains("zstd"))
        #expect(!FileManager.default.fileExists(atPath: out.path() + ".part"))

        let second = try await Server()
        let again = try await contrail(["import", "--to", second.http, out.path()])
        #expect(again.code == 0, "\(again.errors)")
        let lines = try await contrail(["export", "--url", second.ui]).output.split(separator: "\n")
        let found = try lines.map {
            try OTLPJSON.decode(ExportTraceServiceRequest.self, from: Array($0.utf8))
        }
        #expect(found == traces)
        #expect(await first.program.stop() == 0)
        #expect(await second.program.stop() == 0)
    }

    @Test("one message of protobuf, gzip, and several files at once are read; a second import adds nothing")
    func forms() async throws {
        let folder = try TemporaryFolder()
        let traces = Self.traces(3)
        let plain = folder.url.appending(path: "a")
        let packed = folder.url.appending(path: "b")
        try Data(OTLPProtobuf.encode(traces[0])).write(to: plain)
        try Data(gzip(OTLPJSON.encode(traces[1], pretty: true)).readableBytesView).write(to: packed)
        let server = try await Server()
        for _ in 0..<2 {
            let ended = try await contrail(["import", "--to", server.http, plain.path(), packed.path()])
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(ended.errors.contains("Imported 2 spans from 2 files."))
        }
        let exported = try await contrail(["export", "--url", server.ui, "--limit", "1"])
        #expect(exported.output.split(separator: "\n").count == 1)
        let all = try await contrail(["export", "--url", server.ui])
        #expect(all.errors.contains("2 traces with 2 spans"))
        #expect(await server.program.stop() == 0)
    }

    @Test("a broken file is told with its line, and what came before it is kept")
    func broken() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "broken.jsonl")
        try Data(OTLPJSON.encode(Self.traces(1)[0]) + Array("\n{\"resourceSpans\":7}\n".utf8)).write(to: file)
        let server = try await Server()
        let ended = try await contrail(["import", "--to", server.http, file.path()])
        #expect(ended.code == 1)
        #expect(ended.errors.contains("broken.jsonl: line 2 is no message of OTLP"))
        #expect(ended.errors.contains("Before that, 1 spans were stored."))
        #expect(await server.program.stop() == 0)
    }

    @Test("a file of logs imports nothing and says so, an empty one is an error")
    func logs() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "logs.jsonl")
        try Data("{\"resourceLogs\":[]}\n".utf8).write(to: file)
        let server = try await Server()
        let ended = try await contrail(["import", "--to", server.http, file.path()])
        #expect(ended.code == 0)
        #expect(ended.errors.contains("Left out: 1 messages without spans"))
        var random = RandomTelemetry(seed: 3)
        let request = ExportLogsServiceRequest(resourceLogs: (0..<20).map { _ in random.resourceLogs() })
        let protobuf = folder.url.appending(path: "logs.binpb")
        try Data(OTLPProtobuf.encode(request)).write(to: protobuf)
        let binary = try await contrail(["import", "--to", server.http, protobuf.path()])
        #expect(binary.code == 0, "\(binary.errors)")
        #expect(binary.errors.contains("Left out: 1 messages without spans"), "\(binary.errors)")
        let empty = folder.url.appending(path: "empty.jsonl")
        try Data().write(to: empty)
        let nothing = try await contrail(["import", "--to", server.http, empty.path()])
        #expect(nothing.code == 1)
        #expect(nothing.errors.contains("empty.jsonl: it is empty: there is nothing to import."))
        #expect(await server.program.stop() == 0)
    }

    @Test("errors say what to do: nobody listens, no such file, the wrong port")
    func errors() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "a.jsonl")
        try Data(OTLPJSON.encode(Self.traces(1)[0])).write(to: file)
        let server = try await Server()
        let nobody = try await contrail(["import", "--to", "http://127.0.0.1:1", file.path()])
        #expect(nobody.code == 1)
        #expect(nobody.errors.contains("--to"))
        let missing = try await contrail(["import", "--to", server.http, folder.url.path() + "none"])
        #expect(missing.code == 1)
        #expect(missing.errors.contains("No such file or directory"))
        let wrong = try await contrail(["import", "--to", server.ui, file.path()])
        #expect(wrong.code == 1)
        #expect(wrong.errors.contains("port of the page"))
        let folderOut = try await contrail(["export", "--url", server.ui, "-o", "/proc/none/x"])
        #expect(folderOut.code == 1)
        #expect(folderOut.errors.contains("Cannot write /proc/none/x"))
        #expect(await server.program.stop() == 0)
    }

    @Test("contrail health is 0 for a server that is ready, and 1 with a sentence when nobody is there")
    func health() async throws {
        let server = try await Server()
        for arguments in [["health"], ["health", "--alive"], ["health", "--quiet"]] {
            let ended = try await contrail(arguments + ["--url", server.ui])
            #expect(ended.code == 0, "\(ended.errors)")
            #expect(ended.errors.isEmpty == arguments.contains("--quiet"))
        }
        #expect(await server.program.stop() == 0)
        let gone = try await contrail(["health", "--url", server.ui])
        #expect(gone.code == 1)
        #expect(gone.errors.contains("contrail serve"))
        let quiet = try await contrail(["health", "--quiet", "--url", server.ui])
        #expect(quiet.code == 1)
        #expect(quiet.errors == "")
    }
}

// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Foundation
import NIOCore
import NIOHTTP1
import OTLPWire
import TelemetryModel
import Testing

/// `contrail services`, `traces` and `show` against a real `contrail serve`.
@Suite("contrail: questions")
struct QueryCommandTests {
    private struct Served {
        let server: Program
        let url: String
        let traceID: TraceID

        /// Starts a server and sends it one trace of two services and `extra` traces of one span.
        init(extra: Int = 0) async throws {
            server = try Program.product(
                "contrail",
                [
                    "serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0",
                ])
            let ports = try await server.readyPorts()
            url = "http://127.0.0.1:\(ports["uiPort"] ?? 0)"
            traceID = TraceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
            let http = "http://127.0.0.1:\(ports["httpPort"] ?? 0)/v1/traces"
            try await Self.send(Self.trace(traceID), to: http)
            for _ in 0..<extra {
                let id = TraceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
                try await Self.send(Array(Self.trace(id).prefix(1)), to: http)
            }
        }

        private static func send(_ spans: [ResourceSpans], to url: String) async throws {
            var request = HTTPClientRequest(url: url)
            request.method = .POST
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(
                ByteBuffer(bytes: OTLPJSON.encode(ExportTraceServiceRequest(resourceSpans: spans))))
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            #expect(response.status == .ok)
        }

        private static func trace(_ id: TraceID) -> [ResourceSpans] {
            let now = UInt64(Date().timeIntervalSince1970) * 1_000_000_000
            func of(_ service: String, _ span: SpanData) -> ResourceSpans {
                ResourceSpans(
                    resource: Resource(attributes: ["service.name": .string(service)]),
                    scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "test"), spans: [span])])
            }
            return [
                of(
                    "gate\u{1b}way",
                    SpanData(
                        traceID: id, spanID: SpanID(value: 1), name: "GET /", kind: .client,
                        startTimeUnixNano: now, endTimeUnixNano: now + 400_000_000,
                        attributes: ["http.route": "/"])),
                of(
                    "items",
                    SpanData(
                        traceID: id, spanID: SpanID(value: 2), parentSpanID: SpanID(value: 1), name: "GET /x",
                        kind: .server, startTimeUnixNano: now + 50_000_000,
                        endTimeUnixNano: now + 350_000_000, attributes: ["http.response.status_code": 500],
                        status: SpanStatus(code: .error, message: "no stock"))),
            ]
        }

        func run(_ arguments: [String], environment: [String: String] = [:]) async throws -> Ended {
            try await Ended(
                Program.product("contrail", arguments + ["--url", url], environment: environment))
        }
    }

    private struct Ended {
        let code: Int32
        let output: String
        let errors: String

        init(_ program: Program) async {
            code = await program.exitCode()
            output = program.output
            errors = program.errors
        }
    }

    @Test("services are listed with control characters made visible, or exactly in JSON")
    func services() async throws {
        let served = try await Served()
        let plain = try await served.run(["services"])
        #expect(plain.code == 0)
        #expect(plain.output == "gate␛way\nitems\n")
        let json = try await served.run(["services", "--json"])
        #expect(json.output == "{\"name\":\"gate\\u001bway\"}\n{\"name\":\"items\"}\n")
        await served.server.stop()
    }

    @Test("traces --json prints one object per line with exactly eight members")
    func tracesJSON() async throws {
        let served = try await Served(extra: 2)
        let all = try await served.run(["traces", "--json"])
        #expect(all.code == 0)
        #expect(all.output.split(separator: "\n").count == 3)
        let found = try await served.run([
            "traces", "--json", "--service", "items", "--operation", "GET /x", "--error", "--since", "1h",
            "--min-duration", "300ms", "--max-duration", "0.3s", "--attribute",
            "http.response.status_code=500", "--limit", "5",
        ])
        let lines = found.output.split(separator: "\n")
        #expect(lines.count == 1)
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        #expect(
            object.keys.sorted() == [
                "durationNano", "errorCount", "rootOperation", "rootService", "services", "spanCount",
                "startTimeUnixNano", "traceId",
            ])
        #expect(object["traceId"] as? String == served.traceID.hex)
        #expect(object["durationNano"] as? String == "400000000")
        #expect(object["startTimeUnixNano"] is String)
        #expect(object["services"] as? [String] == ["gate\u{1b}way", "items"])
        await served.server.stop()
    }

    @Test("traces prints a table; none that matches is said on standard error")
    func tracesTable() async throws {
        let served = try await Served()
        let table = try await served.run(["traces"])
        let lines = table.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.hasPrefix("STARTED") == true)
        #expect(lines.last?.contains("  400 ms  ") == true)
        #expect(lines.last?.hasSuffix("  " + served.traceID.hex) == true)
        #expect(!table.output.contains("\u{1b}"))
        let none = try await served.run(["traces", "--service", "nobody"])
        #expect(none.code == 0 && none.output == "" && none.errors == "No trace matches.\n")
        await served.server.stop()
    }

    @Test("show draws the tree and where the time went; --json gives what was sent")
    func show() async throws {
        let served = try await Served()
        let drawn = try await served.run(["show", served.traceID.hex])
        #expect(drawn.code == 0)
        #expect(
            drawn.output == """
                GET /  gate␛way → items                             400 ms
                └─ GET /x  items                                    300 ms  ✗ no stock

                where the time went
                  300 ms  75 %  GET /x  items
                  100 ms  25 %  GET /  gate␛way → items

                """)
        let json = try await served.run(["show", served.traceID.hex, "--json"])
        let read = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: Array(json.output.utf8))
        #expect(read.resourceSpans.count == 2)
        await served.server.stop()
    }

    @Test("an unknown trace is one sentence and status 1")
    func unknownTrace() async throws {
        let served = try await Served()
        let id = "00000000000000000000000000000001"
        for arguments in [["show", id], ["show", id, "--json"]] {
            let ended = try await served.run(arguments)
            #expect(ended.code == 1 && ended.output == "")
            #expect(ended.errors == "Error: no spans of trace \(id) are stored.\n")
        }
        await served.server.stop()
    }

    @Test("a reader that goes away ends the program without noise")
    func brokenPipe() async throws {
        let served = try await Served(extra: 30)
        let contrail = Program.products.appending(path: "contrail").path()
        let shell = try Program(
            executable: URL(filePath: "/bin/bash"),
            arguments: [
                "-c",
                "set -o pipefail; '\(contrail)' traces --json --limit 1000 --url \(served.url) | head -1; echo $?",
            ])
        let ended = await Ended(shell)
        #expect(ended.output.split(separator: "\n").last == "0")
        #expect(ended.errors == "")
        await served.server.stop()
    }

    @Test(
        "without a server each command says how to start one",
        arguments: [
            ["services"], ["traces", "--json"], ["show", "4bf92f3577b34da6a3ce929d0e0e4736"],
        ])
    func noServer(arguments: [String]) async throws {
        let closed = try ClosedPort()
        let ended = try await Ended(
            Program.product("contrail", arguments, environment: ["CONTRAIL_URL": closed.url]))
        #expect(ended.code == 1 && ended.output == "")
        #expect(
            ended.errors == """
                Error: Cannot reach \(closed.url). Start it with 'contrail serve', or say where it is with --url.

                """)
    }

    @Test(
        "wrong usage is status 64 and says what to write",
        arguments: [
            (["show", "abc"], "32 hexadecimal digits"),
            (["traces", "--min-duration", "5 parsecs"], "write 500ms"),
            (["traces", "--attribute", "x"], "key=value"), (["traces", "--limit", "0"], "at least 1"),
            (["services", "--url", "localhost:1"], "http://127.0.0.1:16686"), (["show"], "Missing"),
            (["traces", "--min-duration", "2s", "--max-duration", "1s"], "--max-duration 1s is less than"),
            (["serve", "--ui-port=-1"], "from 0 to 65535"), (["--ui-port", "x"], "from 0 to 65535"),
            (["serve", "--http-port", "5000", "--ui-port", "5000"], "are both 5000"),
        ])
    func usage(arguments: [String], message: String) async throws {
        let ended = try await Ended(Program.product("contrail", arguments))
        #expect(ended.code == 64)
        #expect(ended.errors.contains(message), "\(ended.errors)")
    }

    @Test("a server that is asked at the wrong port or by another name is quoted")
    func wrongDoor() async throws {
        let server = try Program.product(
            "contrail",
            ["serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
        let ports = try await server.readyPorts()
        for (door, words) in [
            ("httpPort", "answered 404: nothing is here; OTLP over HTTP is received at"),
            ("grpcPort", "answered 400: this port takes OTLP over gRPC"),
        ] {
            let url = "http://127.0.0.1:\(ports[door] ?? 0)"
            let ended = try await Ended(Program.product("contrail", ["services", "--url", url]))
            #expect(ended.code == 1)
            #expect(ended.errors.contains("\(url) \(words)"), "\(ended.errors)")
        }
        await server.stop()
    }

    @Test("it says which version it is")
    func version() async throws {
        let ended = try await Ended(Program.product("contrail", ["--version"]))
        #expect(ended.code == 0)
        #expect(ended.output.split(separator: "\n").joined() == ContrailVersion.current)
    }

    @Test(
        "help teaches with examples that fit 80 columns", arguments: ["serve", "services", "traces", "show"])
    func help(command: String) async throws {
        let ended = try await Ended(Program.product("contrail", [command, "--help"]))
        #expect(ended.code == 0)
        #expect(ended.output.contains("contrail \(command) "))
        let lines = ended.output.split(separator: "\n", omittingEmptySubsequences: false)
        let examples = lines.drop { $0 != "EXAMPLES" }.dropFirst().prefix { !$0.isEmpty }
        #expect(examples.count > 1)
        // What is wrapped goes on at the left edge.
        #expect(examples.allSatisfy { $0.hasPrefix("  ") && $0.count <= 80 }, "\(examples)")
    }
}

/// A port of the loopback address that is taken, so that nobody else gets it, and on which nobody listens.
private final class ClosedPort {
    private let descriptor: Int32
    let url: String

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let (descriptor, size) = (descriptor, length)
        let failed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) != 0 || getsockname(descriptor, $0, &length) != 0
            }
        }
        url = "http://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
        try #require(!failed)
    }

    deinit { close(descriptor) }
}

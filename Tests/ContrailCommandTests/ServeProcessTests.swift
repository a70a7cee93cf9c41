// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Foundation
import NIOCore
import NIOHTTP1
import OTLPWire
import TelemetryModel
import Testing

@testable import ContrailCommand

@Suite("contrail serve, as a process", .timeLimit(.minutes(2)))
struct ServeProcessTests {
    private static let anyPorts = ["--grpc-port", "0", "--http-port", "0", "--ui-port", "0"]

    private func start(
        _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> Program {
        try Program.product("contrail", Self.anyPorts + arguments, environment: environment)
    }

    @Test("standard output is one line of JSON with the ports in use; the hint is on standard error")
    func readyLine() async throws {
        let program = try start(["--in-memory"])
        let ports = try await program.readyPorts()
        #expect(Set(ports.keys) == ["grpcPort", "httpPort", "uiPort"])
        #expect(ports.values.allSatisfy { $0 > 0 })
        let url = "http://127.0.0.1:\(ports["uiPort"] ?? 0)"
        #expect(program.output.contains("\"url\":\"\(url)\""))
        let page = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
        #expect(page.status == .ok)
        #expect(await program.stop() == 0)
        #expect(program.output.split(separator: "\n").count == 1)
        #expect(
            program.errors.contains("OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:\(ports["httpPort"] ?? 0)"))
    }

    @Test(
        "SIGTERM and SIGINT end it with 0, and a second start finds everything", arguments: [SIGTERM, SIGINT])
    func signalAndSecondStart(signal: Int32) async throws {
        let folder = try TemporaryFolder()
        let directory = ["--data-dir", folder.url.appending(path: "data").path()]
        let first = try start(directory)
        try await export(to: try await first.readyPorts()["httpPort"] ?? 0)
        first.signal(signal)
        #expect(await first.exitCode() == 0)
        let log = folder.url.appending(path: "data/contrail.sqlite-wal")
        #expect((try? Data(contentsOf: log))?.isEmpty != false, "the one file has everything")

        let second = try start(directory)
        let port = try await second.readyPorts()["uiPort"] ?? 0
        let url = "http://127.0.0.1:\(port)/api/v1/traces/00000000000000070000000000000007"
        let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
        #expect(answer.status == .ok)
        #expect(await second.stop() == 0)
    }

    @Test("settings come from the environment too")
    func environment() async throws {
        let folder = try TemporaryFolder()
        let program = try Program.product(
            "contrail", [],
            environment: [
                "CONTRAIL_GRPC_PORT": "0", "CONTRAIL_HTTP_PORT": "0", "CONTRAIL_UI_PORT": "0",
                "XDG_DATA_HOME": folder.url.path(),
            ])
        _ = try await program.readyPorts()
        #expect(await program.stop() == 0)
        #expect(FileManager.default.fileExists(atPath: folder.url.appending(path: "contrail").path()))
    }

    @Test(
        "a port that is taken is named with the flag that changes it",
        arguments: ["grpc", "http", "ui"])
    func portTaken(door: String) async throws {
        let first = try start(["--in-memory"])
        let taken = try await first.readyPorts()["\(door)Port"] ?? 0
        let second = try start(["--in-memory", "--\(door)-port", "\(taken)"])
        #expect(await second.exitCode() != 0)
        #expect(second.errors.contains("port \(taken) on 127.0.0.1 is taken"))
        #expect(second.errors.contains("--\(door)-port"))
        #expect(second.errors.split(separator: "\n").count == 1)
        #expect(second.output == "")
        #expect(await first.stop() == 0)
    }

    @Test("a second process on the directory says so and leaves")
    func secondOnDirectory() async throws {
        let folder = try TemporaryFolder()
        let directory = ["--data-dir", folder.url.path()]
        let first = try start(directory)
        _ = try await first.readyPorts()
        let second = try start(directory)
        #expect(await second.exitCode() != 0)
        #expect(second.errors.contains("another contrail"))
        #expect(second.errors.contains("--data-dir"))
        #expect(await first.stop() == 0)
    }

    @Test("a data directory that cannot be made is one sentence with a way out")
    func unwritable() async throws {
        let program = try start(["--data-dir", "/proc/contrail"])
        #expect(await program.exitCode() != 0)
        #expect(program.errors.contains("/proc/contrail"))
        #expect(program.errors.contains("No such file or directory"))
        #expect(program.errors.contains("--in-memory"))
        #expect(program.errors.split(separator: "\n").count == 1)
    }

    @Test("the help shows every flag with its variable and its default", arguments: ServeSetting.allCases)
    func help(setting: ServeSetting) async throws {
        let program = try Program.product("contrail", ["serve", "--help"])
        #expect(await program.exitCode() == 0)
        let text = program.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(text.contains(setting.flag))
        #expect(text.contains("environment: \(setting.environmentName); default: \(setting.defaultText)"))
    }

    private func export(to port: Int) async throws {
        let span = SpanData(
            traceID: TraceID(high: 7, low: 7), spanID: SpanID(value: 7), name: "seven", startTimeUnixNano: 1,
            endTimeUnixNano: 2)
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)/v1/traces")
        request.method = .POST
        request.headers = ["content-type": "application/x-protobuf"]
        request.body = .bytes(
            OTLPProtobuf.encode(
                ExportTraceServiceRequest(resourceSpans: [
                    ResourceSpans(
                        resource: Resource(),
                        scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "s"), spans: [span])])
                ])))
        let answer = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        #expect(answer.status == .ok)
    }
}

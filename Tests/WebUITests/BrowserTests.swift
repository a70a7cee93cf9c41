// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

/// Runs the scripts of Tests/Page: the whole program and a real browser.
@Suite("Web page: in a browser")
struct BrowserTests {
    private static let folder = Program.packageRoot.appending(path: "Tests/Page")

    @Test("a visitor can search, open a trace, read it and find their way back", .timeLimit(.minutes(10)))
    func visit() async throws {
        let server = try Program.product(
            "contrail",
            ["serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
        let ports = try await server.readyPorts()
        let page = try #require(ports["uiPort"])
        let receiver = try #require(ports["httpPort"])
        let visitor = try Program(
            executable: Program.packageRoot.appending(path: ".venv/bin/python"),
            arguments: [
                Self.folder.appending(path: "browser_test.py").path(),
                "--page", "http://127.0.0.1:\(page)", "--otlp", "http://127.0.0.1:\(receiver)",
            ], environment: ["PYTHONDONTWRITEBYTECODE": "1"], directory: Self.folder)
        let status = await visitor.exitCode()
        #expect(status == 0, "\(visitor.output)\n\(visitor.errors)\n\(server.errors.suffix(2_000))")
        // As many lines as claims: a visit that does nothing proves nothing.
        #expect(visitor.output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count >= 20)
        #expect(await server.stop() == 0)
    }

    @Test("the page's pure modules keep their promises", .timeLimit(.minutes(5)))
    func modules() async throws {
        let node = try Program(
            executable: URL(filePath: "/usr/bin/env"), arguments: ["node", "--test", "unit.test.mjs"],
            directory: Self.folder)
        #expect(await node.exitCode() == 0, "\(node.output)\n\(node.errors)")
    }

    @Test("the page's modules have no type error", .timeLimit(.minutes(5)))
    func types() async throws {
        let compiler = try Program(
            executable: URL(filePath: "/usr/bin/env"),
            arguments: ["tsc", "-p", Program.packageRoot.appending(path: "web/jsconfig.json").path()])
        #expect(await compiler.exitCode() == 0, "\(compiler.output)\n\(compiler.errors)")
    }
}

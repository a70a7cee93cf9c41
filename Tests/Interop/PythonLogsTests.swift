// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

/// Lines of OpenTelemetry Python, sent by its own exporters, are found with the commands.
@Suite(
    "Interop: logs of Python",
    .enabled(if: PythonService.isInstalled, "needs .venv with the Python packages: make test installs it"))
struct PythonLogsTests {
    @Test(
        "what Python logs over gRPC and over HTTP with gzip is found by severity, text, trace and attribute",
        .timeLimit(.minutes(2)), arguments: ["grpc", "http"])
    func found(transport: String) async throws {
        let contrail = try Program.product(
            "contrail", ["serve", "--in-memory", "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
        let ports = try await contrail.readyPorts()
        let url = "http://127.0.0.1:\(ports["uiPort"] ?? 0)"
        func run(_ arguments: String...) async throws -> String {
            let program = try Program.product("contrail", arguments + ["--url", url])
            #expect(await program.exitCode() == 0, "\(arguments): \(program.errors)")
            return program.output
        }
        func texts(_ arguments: String...) async throws -> [String] {
            let program = try Program.product("contrail", ["logs", "--json", "--url", url] + arguments)
            #expect(await program.exitCode() == 0, "\(arguments): \(program.errors)")
            return try program.output.split(separator: "\n").map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                return object?["text"] as? String ?? ""
            }
        }

        let port = ports["\(transport)Port"] ?? 0
        let sender = try Program(
            executable: PythonService.python,
            arguments: [
                Program.packageRoot.appending(path: "Tests/Interop/python-logs/send.py").path(), transport,
                "http://127.0.0.1:\(port)",
            ])
        #expect(await sender.exitCode() == 0, "\(sender.errors)")
        let ids = sender.output.split(whereSeparator: \.isWhitespace).map(String.init)
        try #require(ids.count == 2)

        let all = ["payment failed", "stock is low", "looking up pen", "outside of any span"]
        #expect(try await texts() == all)
        #expect(try await texts("--service", "python-\(transport)") == all)
        #expect(try await texts("--service", "nobody") == [])
        #expect(try await texts("--severity", "warn") == ["payment failed", "stock is low"])
        #expect(try await texts("--text", "PAYMENT") == ["payment failed"])
        #expect(try await texts("--trace", ids[0]) == Array(all.prefix(3)))
        #expect(try await texts("--span", ids[1], "--severity", "error") == ["payment failed"])
        #expect(try await texts("--attribute", "left=3") == ["stock is low"])
        #expect(try await texts("--attribute", "exception.type=ValueError") == ["payment failed"])
        #expect(try await texts("--since", "1h", "--limit", "1") == ["payment failed"])

        let lines = try await run("logs", "--trace", ids[0]).split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines.first?.contains("DEBUG") == true && lines.last?.contains("payment failed") == true)
        let tree = try await run("show", ids[0])
        #expect(tree.hasPrefix("checkout"))
        #expect(tree.contains("WARN   stock is low"))
        #expect(tree.contains("ERROR  payment failed"))
        await contrail.stop()
    }
}

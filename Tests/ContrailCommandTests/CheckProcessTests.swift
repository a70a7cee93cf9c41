// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

@Suite("contrail check, as a process", .timeLimit(.minutes(2)))
struct CheckProcessTests {
    private func check(_ path: String) async throws -> (code: Int32, errors: String) {
        let program = try Program.product("contrail", ["check", path])
        return (await program.exitCode(), program.errors)
    }

    @Test("it refuses while a server uses the directory, and reads it afterwards")
    func refusedThenRead() async throws {
        let folder = try TemporaryFolder()
        let path = folder.url.path()
        let server = try Program.product(
            "contrail",
            ["--data-dir", path, "--grpc-port", "0", "--http-port", "0", "--ui-port", "0"])
        _ = try await server.readyPorts()
        let refused = try await check(path)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("stop it first"), "\(refused.errors)")
        #expect(await server.stop() == 0)
        let whole = try await check(path)
        #expect(whole.code == 0)
        #expect(whole.errors.contains("No damage: 0 spans in 0 blocks and the journal"), "\(whole.errors)")
    }

    @Test("a directory without data is refused with a sentence")
    func nothing() async throws {
        let answer = try await check(try TemporaryFolder().url.path())
        #expect(answer.code == 1)
        #expect(answer.errors.contains("there is no contrail.sqlite in it"), "\(answer.errors)")
    }
}

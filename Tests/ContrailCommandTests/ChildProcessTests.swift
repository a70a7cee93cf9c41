// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

@Suite("Child processes of the tests")
struct ChildProcessTests {
    @Test("a child does not outlive its parent, even one that is killed")
    func parentDeath() async throws {
        let result = await #expect(
            processExitsWith: .signal(SIGKILL), observing: [\.standardErrorContent]
        ) {
            let child = try Program(
                executable: URL(filePath: "/bin/sh"), arguments: ["-c", "echo up; exec sleep 600"])
            _ = try await child.line(holding: "up")
            FileHandle.standardError.write(Data("child=\(child.processIdentifier);".utf8))
            kill(getpid(), SIGKILL)
        }
        let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        let number = try #require(text.firstMatch(of: /child=([0-9]+);/)?.1)
        let child = try #require(pid_t(number))
        // A zombie still has its number until its new parent has seen its end.
        _ = try await eventually("the child ends") {
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            return kill(child, 0) != 0 || state?.contains(") Z ") == true ? true : nil
        }
    }

    @Test("a child lives on when the thread that asked for it has ended")
    func threadEnds() async throws {
        let child = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        try Program(
                            executable: URL(filePath: "/bin/sh"),
                            arguments: ["-c", "sleep 0.3; echo still here; exit 7"])
                    })
            }
        }
        #expect(await child.exitCode() == 7)
        #expect(child.output == "still here\n")
    }
}

// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation
import Testing

@testable import ContrailCommand

@Suite("Where an export goes")
struct ExportOutputTests {
    @Test("what stands there and is no file is written to, and stays what it is")
    func pipe() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appending(path: "pipe").path()
        try #require(mkfifo(path, 0o600) == 0)
        // Without a reader, whoever writes would wait for one.
        let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        try #require(reader >= 0)
        defer { close(reader) }
        var output = try ExportOutput(path: path, gzip: false)
        try output.write(Array("{}\n".utf8))
        try output.finish()
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFIFO)
        var bytes = [UInt8](repeating: 0, count: 8)
        #expect(read(reader, &bytes, bytes.count) == 3)
        #expect(!FileManager.default.fileExists(atPath: path + ".part"))
    }

    @Test("a file has its name when it is whole, and a failed export leaves the one before")
    func whole() throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "traces.jsonl")
        try Data("before".utf8).write(to: file)
        var failed = try ExportOutput(path: file.path(), gzip: false)
        try failed.write(Array("half".utf8))
        failed.discard()
        #expect(try String(contentsOf: file, encoding: .utf8) == "before")
        var output = try ExportOutput(path: file.path(), gzip: false)
        try output.write(Array("after".utf8))
        #expect(try String(contentsOf: file, encoding: .utf8) == "before")
        try output.finish()
        #expect(try String(contentsOf: file, encoding: .utf8) == "after")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path()) == ["traces.jsonl"])
    }
}

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
        var output = try ExportOutput(path: path, compression: .none)
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
        var failed = try ExportOutput(path: file.path(), compression: .none)
        try failed.write(Array("half".utf8))
        failed.discard()
        #expect(try String(contentsOf: file, encoding: .utf8) == "before")
        var output = try ExportOutput(path: file.path(), compression: .none)
        try output.write(Array("after".utf8))
        #expect(try String(contentsOf: file, encoding: .utf8) == "before")
        try output.finish()
        #expect(try String(contentsOf: file, encoding: .utf8) == "after")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path()) == ["traces.jsonl"])
    }

    @Test("the ending of a file's name says how it is packed")
    func endings() {
        #expect(Compression(ofPath: "a.jsonl.gz") == .gzip)
        #expect(Compression(ofPath: "A.ZST") == .zstd)
        #expect(Compression(ofPath: "a.zstd") == .zstd)
        #expect(Compression(ofPath: "a.jsonl") == .none)
        #expect(Compression(ofPath: nil) == .none)
    }

    @Test("what is packed with zstd piece by piece is unpacked piece by piece, whatever the pieces are")
    func zstd() throws {
        let text = (0..<50_000).map { "{\"line\":\($0)}\n" }.joined()
        let plain = Array(text.utf8)
        var packed: [UInt8] = []
        // Two frames behind each other, as `cat a.zst b.zst` makes them.
        for half in [plain[..<(plain.count / 2)], plain[(plain.count / 2)...]] {
            let packer = try ZstdPacker()
            for start in stride(from: half.startIndex, to: half.endIndex, by: 9_999) {
                packed += try packer.pack(Array(half[start..<min(start + 9_999, half.endIndex)]))
            }
            packed += try packer.pack([], isLast: true)
        }
        #expect(packed.count < plain.count / 4)
        for step in [1, 7, 4_096, packed.count] {
            var input = TransferInput()
            var count = 0
            for start in stride(from: 0, to: packed.count, by: step) {
                count += try input.append(Data(packed[start..<min(start + step, packed.count)])).count
            }
            count += try input.finish().count
            #expect(count == 50_000, "in steps of \(step)")
        }
        var torn = TransferInput()
        _ = try torn.append(Data(packed.dropLast(3)))
        #expect(Self.error { _ = try torn.finish() }.contains("cut off"))
        var wrong = TransferInput()
        #expect(
            Self.error { _ = try wrong.append(Data(packed.prefix(4) + [UInt8](repeating: 0xff, count: 90))) }
                .contains("not valid zstd"))
    }

    private static func error(_ body: () throws -> Void) -> String {
        do {
            try body()
            return ""
        } catch {
            return "\(error)"
        }
    }
}

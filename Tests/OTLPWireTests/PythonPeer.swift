// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Foundation

/// Runs `peer.py`, which writes and reads OTLP with Python's opentelemetry-proto.
struct PythonPeer {
    static let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peer.py")
    static let interpreter = Program.packageRoot.appending(path: ".venv/bin/python")

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: interpreter.path()) }

    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    func file(_ name: String) -> String { folder.url.appending(path: name).path() }

    /// Runs one command and gives what it printed; throws with its errors when it failed.
    func run(_ arguments: String...) async throws -> String {
        let program = try Program(
            executable: Self.interpreter, arguments: [Self.script.path()] + arguments)
        guard await program.exitCode() == 0 else { throw PeerError(description: program.errors) }
        return program.output
    }

    func write(_ records: [[UInt8]], to name: String) throws {
        var bytes: [UInt8] = []
        for record in records {
            withUnsafeBytes(of: UInt32(record.count).littleEndian) { bytes.append(contentsOf: $0) }
            bytes.append(contentsOf: record)
        }
        try Data(bytes).write(to: folder.url.appending(path: name))
    }

    func records(of name: String) throws -> [[UInt8]] {
        let bytes = [UInt8](try Data(contentsOf: folder.url.appending(path: name)))
        var records: [[UInt8]] = []
        var offset = 0
        while offset + 4 <= bytes.count {
            let count = bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            records.append(Array(bytes[offset + 4..<offset + 4 + count]))
            offset += 4 + count
        }
        return records
    }
}

struct PeerError: Error, CustomStringConvertible {
    let description: String
}

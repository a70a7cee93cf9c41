// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import StorageContract
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("checking a data directory")
struct StoreCheckTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Two blocks of spans and a journal, a block of records and a journal.
    private func fill() async throws {
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(database: database, lock: lock, spansPerBlock: 2_000)
        for part in 0..<2 as Range<UInt64> {
            try await store.write(Numbered.batch(first: part * 2_000, count: 2_000))
        }
        try await store.write(Numbered.batch(first: 4_000, count: 10))
        await store.close()
        let logs = try SQLiteLogStore.open(directory: directory.path)
        try await logs.write(NumberedLogs.batch(first: 0, count: 400))
        try await logs.seal(waitingSince: StoredTable.now() + 1)
        try await logs.write(NumberedLogs.batch(first: 400, count: 5))
        await logs.close()
    }

    private func change(_ file: String, _ sql: String) async throws {
        let queue = try DatabaseQueue(path: directory.path + "/" + file)
        try await queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test("what is whole is counted, block by block, and nothing is found")
    func whole() async throws {
        try await fill()
        var steps: [StoreCheck.Progress] = []
        let report = try StoreCheck.run(directory: directory.path) { steps.append($0) }
        #expect(report.findings == [])
        #expect(report.blockCount == 2)
        #expect(report.spanCount == 4_010)
        #expect(report.logBlockCount == 1)
        #expect(report.logRecordCount == 405)
        #expect(steps.map(\.done) == [0, 1, 0])
        // A copy without the lock: nothing comes to be in it, not even a file for a moment that stays.
        let manager = FileManager.default
        for file in ["lock", "logs/lock"] { try manager.removeItem(atPath: directory.path + "/" + file) }
        let before = try manager.subpathsOfDirectory(atPath: directory.path).sorted()
        #expect(try StoreCheck.run(directory: directory.path).findings == [])
        #expect(try manager.subpathsOfDirectory(atPath: directory.path).sorted() == before)
        // And the directory is as usable as before.
        let store = try SQLiteTraceStore.open(directory: directory.path)
        #expect(try await store.status().spanCount == 4_010)
        await store.close()
    }

    @Test(
        "each damaged part is found, with its block",
        arguments: [
            ("contrail.sqlite", 2, "UPDATE section SET bytes = zeroblob(40) WHERE number = (2 << 20) + 2"),
            ("contrail.sqlite", 1, "DELETE FROM section WHERE number = (1 << 20) + 3"),
            (
                "contrail.sqlite", 1,
                "UPDATE block SET info = (SELECT info FROM block WHERE number = 2) WHERE number = 1"
            ),
            ("contrail.sqlite", 2, "UPDATE block SET filter = zeroblob(64) WHERE number = 2"),
            ("contrail.sqlite", 2, "UPDATE block SET filter = zeroblob(length(filter)) WHERE number = 2"),
            ("contrail.sqlite", 2, "UPDATE block SET info = zeroblob(length(info)) WHERE number = 2"),
            ("contrail.sqlite", 2, "DELETE FROM block WHERE number = 2"),
            ("contrail.sqlite", 1, "UPDATE stored SET items = 7 WHERE block = 1"),
            ("contrail.sqlite", 1, "DELETE FROM stored WHERE block = 1"),
            ("contrail.sqlite", 9, "INSERT INTO stored VALUES (9, 1, 1, 1)"),
            ("contrail.sqlite", 0, "UPDATE journal SET requests = zeroblob(30)"),
            ("contrail.sqlite", 0, "UPDATE operation SET kind = 77 WHERE number = 1"),
            ("contrail.sqlite", 0, "UPDATE operation SET kind = 'text' WHERE number = 1"),
            (
                "contrail.sqlite", 0,
                """
                UPDATE operation SET (service, name, kind) =
                    (SELECT service, name, kind FROM operation WHERE number = 0) WHERE number = 1
                """
            ),
            ("logs/logs.sqlite", 1, "UPDATE block_rows SET bytes = zeroblob(9)"),
            ("logs/logs.sqlite", 1, "DELETE FROM frame"),
            ("logs/logs.sqlite", 1, "UPDATE attribute_filter SET bytes = zeroblob(3)"),
            ("logs/logs.sqlite", 1, "UPDATE attribute_filter SET bytes = zeroblob(64)"),
            ("logs/logs.sqlite", 1, "UPDATE trace_filter SET bytes = zeroblob(64)"),
            ("logs/logs.sqlite", 1, "UPDATE trace_filter SET bytes = zeroblob(length(bytes))"),
            ("logs/logs.sqlite", 1, "UPDATE text_filter SET bytes = zeroblob(8193)"),
            ("logs/logs.sqlite", 1, "UPDATE block SET info = zeroblob(length(info))"),
            // Of a contrail without checksums, with the name of another service.
            ("logs/logs.sqlite", 1, "UPDATE block SET info = substr(info, 1, length(info) - 9) || x'41'"),
            ("logs/logs.sqlite", 1, "UPDATE stored SET items = 7 WHERE block = 1"),
            ("logs/logs.sqlite", 1, "DELETE FROM stored WHERE block = 1"),
            ("logs/logs.sqlite", 1, "DELETE FROM block"),
            ("logs/logs.sqlite", 5, "INSERT INTO trace_filter VALUES (5, x'00')"),
            ("logs/logs.sqlite", 0, "UPDATE journal SET segment = x'FFFF'"),
        ])
    func damaged(file: String, block: Int64, sql: String) async throws {
        try await fill()
        try await change(file, sql)
        let report = try StoreCheck.run(directory: directory.path)
        #expect(report.findings.count == 1, "\(report.findings)")
        #expect(report.findings.first?.file == file)
        #expect(report.findings.first?.block == (block == 0 ? nil : block))
    }

    @Test("a directory that is used, of another version or without data is refused with the reason")
    func refused() async throws {
        let nothing = #expect(throws: StorageError.self) { try StoreCheck.run(directory: directory.path) }
        #expect("\(String(describing: nothing))".contains("there is no contrail.sqlite"))
        let store = try SQLiteTraceStore.open(directory: directory.path)
        let used = #expect(throws: StorageError.self) { try StoreCheck.run(directory: directory.path) }
        #expect("\(String(describing: used))".contains("a contrail that runs uses this directory"))
        await store.close()
        try await change("contrail.sqlite", "PRAGMA user_version = 4")
        let older = #expect(throws: StorageError.self) { try StoreCheck.run(directory: directory.path) }
        #expect("\(String(describing: older))".contains("schema 4, of an older contrail"))
        try await change("contrail.sqlite", "PRAGMA user_version = 99")
        let newer = #expect(throws: StorageError.self) { try StoreCheck.run(directory: directory.path) }
        #expect("\(String(describing: newer))".contains("99"))
    }
}

// SPDX-License-Identifier: Apache-2.0

import CZlib
import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("logs of an older schema")
struct LogUpgradeTests {
    @Test(
        "a file of schema 1, 2 or 3 is brought to this one behind a copy, finds everything and goes on",
        arguments: [1, 2, 3])
    func upgrade(from schema: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/logs/" + LogStoreFile.name
        let store = try SQLiteLogStore.open(directory: directory.path)
        for part in 0..<5 as Range<UInt64> {
            try await store.write(NumberedLogs.batch(first: part * 4_000, count: 4_000))
        }
        let expected = try await store.logs(matching: LogQuery(limit: 1_000)).logs
        await store.close()
        try makeOlder(path, schema)

        var told: [String] = []
        let again = try SQLiteLogStore.open(directory: directory.path, upgraded: { told.append($0) })
        let copy = path + ".schema-\(schema).backup"
        #expect(told.count == 1 && told[0].contains(copy), "\(told)")
        #expect(try await again.logs(matching: LogQuery(limit: 1_000)).logs == expected)
        // By its text in a block's filter, by its trace, and in the journal.
        for number in [0, 8_191, 8_192, 19_999] as [UInt64] {
            let found = try await again.logs(matching: LogQuery(text: "number \(number) end"))
            #expect(found.logs.map(\.record) == [NumberedLogs.record(number)])
        }
        let trace = try await again.logs(ofTrace: TraceID(high: 7, low: 1))
        #expect(trace.first?.scopeLogs.first?.logRecords.count == 400)
        #expect(try await again.holdings().portions.count == 2)
        try await again.write(NumberedLogs.batch(first: 20_000, count: 9_000))
        #expect(try await again.logs(matching: LogQuery(text: "number 28999 end")).logs.count == 1)
        #expect(try await again.logs(matching: LogQuery(text: "number 8191 end")).logs.count == 1)
        await again.close()

        let backup = try DatabaseQueue(path: copy)
        #expect(try await backup.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == schema)
        #expect(try await backup.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM block") } == 2)
        try backup.close()
        let permissions = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
        // Once more: nothing is left to do.
        var later: [String] = []
        let third = try SQLiteLogStore.open(directory: directory.path, upgraded: { later.append($0) })
        #expect(later.isEmpty)
        await third.close()
    }

    /// As the program of that schema wrote it: without checksums, before with frames of zlib, and at first without the times of storing.
    private func makeOlder(_ path: String, _ schema: Int) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            // The checksums came with schema 4.
            try database.execute(
                sql: """
                    UPDATE block SET info = substr(info, 1, length(info) - 8);
                    UPDATE trace_filter SET bytes = substr(bytes, 1, length(bytes) - 8);
                    UPDATE attribute_filter SET bytes = substr(bytes, 1, length(bytes) - 8);
                    """)
            let packed = [("block_rows", "block"), ("text_filter", "block"), ("frame", "number")]
            for (table, key) in schema < 3 ? packed : [] {
                for row in try Row.fetchAll(database, sql: "SELECT \(key), bytes FROM \(table)") {
                    let plain = try LogFrame.unpack([UInt8](row[1] as Data))
                    try database.execute(
                        sql: "UPDATE \(table) SET bytes = ? WHERE \(key) = ?",
                        arguments: [Data(deflated(plain)), row[0] as Int64])
                }
            }
            if schema == 1 {
                try database.execute(sql: "DROP TABLE stored; PRAGMA auto_vacuum = NONE; VACUUM")
            }
            try database.execute(sql: "PRAGMA user_version = \(schema)")
        }
        try queue.close()
    }

    private func deflated(_ plain: [UInt8]) -> [UInt8] {
        var packed = [UInt8](repeating: 0, count: Int(compressBound(uLong(plain.count))))
        var count = uLongf(packed.count)
        _ = compress2(&packed, &count, plain, uLong(plain.count), 1)
        var out = ByteWriter()
        out.byte(1)
        out.varint(plain.count)
        out.raw(packed[..<Int(count)])
        return out.bytes
    }

    @Test("a changed byte of a frame is damage, and never other lines")
    func checksum() throws {
        let plain = Array(String(repeating: "a line of a log, again and again. ", count: 2_000).utf8)
        let packed = LogFrame.pack(plain)
        #expect(packed.count < plain.count / 10)
        #expect(try LogFrame.unpack(packed) == plain)
        for index in packed.indices {
            var changed = packed
            changed[index] ^= 0x10
            #expect(throws: StorageError.self, "byte \(index)") { try LogFrame.unpack(changed) }
        }
    }
}

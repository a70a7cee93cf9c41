// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// When each block was stored, how much is in it and what it takes: what retention goes by. The same table in the file
/// of traces and in that of logs. Block 0 stands for the journal, with the time of its first row.
enum StoredTable {
    static let create = """
        CREATE TABLE stored (
            block INTEGER PRIMARY KEY, time INTEGER NOT NULL, items INTEGER NOT NULL, bytes INTEGER NOT NULL
        )
        """

    /// Nanoseconds since 1970 UTC.
    static let sqlNow = "CAST(strftime('%s', 'now') AS INTEGER) * 1000000000"

    private static let insert =
        "INSERT OR REPLACE INTO stored (block, time, items, bytes) VALUES (?, ?, ?, ?)"
    private static let journal: Int64 = 0
    /// What a row of a table takes besides its bytes, about.
    private static let rowBytes = 32

    /// Items and bytes that a block may have.
    private static let portionMax = 1 << 40

    /// To be called in the transaction that writes the block.
    static func note(
        block: Int64, at time: UInt64, items: Int, parts: [Int], in database: Database
    ) throws {
        let bytes = parts.reduce(0) { $0 + $1 + rowBytes }
        try database.cachedStatement(sql: insert)
            .execute(arguments: [block, Int64(clamping: time), items, bytes])
    }

    /// To be called in the transaction that writes the first row of the journal.
    static func beginJournal(at time: UInt64, in database: Database) throws {
        try database.cachedStatement(sql: insert)
            .execute(arguments: [journal, Int64(clamping: time), 0, 0])
    }

    /// To be called in the transaction that empties the journal.
    static func endJournal(in database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM stored WHERE block = ?").execute(arguments: [journal])
    }

    /// When the first row of the journal was written; nil for an empty one.
    static func journalSince(in database: Database) throws -> UInt64? {
        let time = try Int64.fetchOne(
            database, sql: "SELECT time FROM stored WHERE block = ?", arguments: [journal])
        return time.map { UInt64(clamping: $0) }
    }

    /// By block how much is in it, where that was counted.
    static func itemCounts(in database: Database) throws -> [Int64: Int] {
        var counts: [Int64: Int] = [:]
        let rows = try Row.fetchCursor(database, sql: "SELECT block, items FROM stored WHERE items >= 0")
        while let row = try rows.next() {
            counts[try row.value(0)] = min(try row.value(1, as: Int.self), portionMax)
        }
        return counts
    }

    static func holdings(in database: Database) throws -> StoreHoldings {
        let portions = try Row.fetchAll(
            database, sql: "SELECT block, time, items, bytes FROM stored WHERE block > 0 ORDER BY block"
        ).map { row in
            // What a damaged file says must not overflow a sum.
            StoredPortion(
                number: try row.value(0), storedAt: UInt64(clamping: try row.value(1, as: Int64.self)),
                itemCount: min(max(0, try row.value(2, as: Int.self)), portionMax),
                bytes: min(max(0, try row.value(3, as: Int.self)), portionMax))
        }
        let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        let pageBytes = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0
        return StoreHoldings(portions: portions, bytes: (pages - free) * pageBytes)
    }

    /// Nanoseconds since 1970 UTC.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) * 1_000_000_000 + UInt64(clamping: time.tv_nsec)
    }
}

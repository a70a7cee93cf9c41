// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of the file of logs, their version, and every statement. Values are bound, never put into the
/// text.
enum LogSchema {
    /// Kept in `PRAGMA user_version`. Raised with every change of a table or of a byte format.
    static let version = 1

    /// Kept in `PRAGMA application_id`: "CTRG" in ASCII. Tells our files from other SQLite databases.
    static let applicationID = 0x4354_5247

    static let statements = [
        // What was acknowledged and is not in a block yet: one row per request, numbered by its first record.
        "CREATE TABLE journal (number INTEGER PRIMARY KEY, segment BLOB NOT NULL)",
        // Some thousand records each. `info` tells whether a block is worth reading; all of it stays in memory.
        "CREATE TABLE block (number INTEGER PRIMARY KEY, info BLOB NOT NULL)",
        // Origins and what questions ask of each record first, compressed.
        "CREATE TABLE block_rows (block INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        // Which traces, attribute values and runs of letters the block has, perhaps.
        "CREATE TABLE trace_filter (block INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        "CREATE TABLE attribute_filter (block INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        "CREATE TABLE text_filter (block INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        // The rest of the records, compressed. Numbered by block * 2^20 + index.
        "CREATE TABLE frame (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
    ]

    static let insertJournal = "INSERT INTO journal (number, segment) VALUES (?, ?)"
    static let deleteJournal = "DELETE FROM journal WHERE number = ?"
    static let insertBlock = "INSERT INTO block (number, info) VALUES (?, ?)"
    static let insertRows = "INSERT INTO block_rows (block, bytes) VALUES (?, ?)"
    static let insertTraceFilter = "INSERT INTO trace_filter (block, bytes) VALUES (?, ?)"
    static let insertAttributeFilter = "INSERT INTO attribute_filter (block, bytes) VALUES (?, ?)"
    static let insertTextFilter = "INSERT INTO text_filter (block, bytes) VALUES (?, ?)"
    static let insertFrame = "INSERT INTO frame (number, bytes) VALUES (?, ?)"

    static let selectRows = "SELECT bytes FROM block_rows WHERE block = ?"
    static let selectTraceFilter = "SELECT bytes FROM trace_filter WHERE block = ?"
    static let selectAttributeFilter = "SELECT bytes FROM attribute_filter WHERE block = ?"
    static let selectTextFilter = "SELECT bytes FROM text_filter WHERE block = ?"
    static let selectFrame = "SELECT bytes FROM frame WHERE number = ?"

    static let selectJournal = "SELECT number, segment FROM journal ORDER BY number"
    static let selectBlocks = "SELECT number, info FROM block ORDER BY number"
    // Not the last row of `block` alone: were that lost, its number would be given again, and what the other
    // tables still have of it would be in the way of every further block.
    static let selectBlockLast = """
        SELECT max(coalesce((SELECT max(number) FROM block), 0),
            coalesce((SELECT max(block) FROM block_rows), 0),
            coalesce((SELECT max(block) FROM trace_filter), 0),
            coalesce((SELECT max(block) FROM attribute_filter), 0),
            coalesce((SELECT max(block) FROM text_filter), 0),
            coalesce((SELECT max(number) FROM frame), 0) >> 20)
        """

    static func frameNumber(block: Int64, index: Int) -> Int64 { block << 20 + Int64(index) }

    /// Makes the tables in a new file; refuses a file of someone else or of a newer version.
    static func prepare(_ database: any DatabaseWriter, path: String) throws {
        try database.write { database in
            let application = try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
            if isEmpty && version == 0 && application == 0 {
                for statement in statements { try database.execute(sql: statement) }
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                return try database.execute(sql: "PRAGMA user_version = \(Self.version)")
            }
            try check(application: application, version: version, path: path)
        }
    }
}

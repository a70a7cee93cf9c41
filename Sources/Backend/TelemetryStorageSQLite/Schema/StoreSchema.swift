// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables and their version.
///
/// Names are kept as BLOB: they are what was sent, zero bytes included, which TEXT does not carry through
/// every API. Times are signed integers with the order kept, see `UInt64.ordered`.
enum StoreSchema {
    /// Kept in `PRAGMA user_version`. Raised with every change of a table or of a byte format.
    static let version = 3

    /// Kept in `PRAGMA application_id`: "CTRL" in ASCII. Tells our files from other SQLite databases.
    static let applicationID = 0x4354_524c

    static let statements = [
        // What was acknowledged and is not in a block yet: one row per request.
        "CREATE TABLE journal (number INTEGER PRIMARY KEY, segment BLOB NOT NULL)",
        // All (service, span name, kind) ever seen. Blocks refer to them by number.
        """
        CREATE TABLE operation (
            number INTEGER PRIMARY KEY, service BLOB NOT NULL, name BLOB NOT NULL, kind INTEGER NOT NULL
        )
        """,
        // Some thousand spans each. `info` tells whether a block is worth reading; all of it stays in memory.
        "CREATE TABLE block (number INTEGER PRIMARY KEY, trace_start_min INTEGER NOT NULL, info BLOB NOT NULL)",
        // Resources, scopes and what questions ask of each span.
        "CREATE TABLE block_rows (block INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        // Which attribute values the block has, perhaps.
        "CREATE TABLE block_filter (block INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        // The rest of the spans, compressed. Numbered by block * 2^20 + index.
        "CREATE TABLE frame (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        // In which blocks a trace has spans, and how early they start there.
        """
        CREATE TABLE part (
            trace BLOB NOT NULL, block INTEGER NOT NULL, start INTEGER NOT NULL,
            PRIMARY KEY (trace, block)
        ) WITHOUT ROWID
        """,
    ]

    /// Where the frames of a block begin.
    static func frameNumber(block: Int64, index: Int) -> Int64 { block << 20 + Int64(index) }

    static func index(ofFrame number: Int64) -> Int64 { number & (1 << 20 - 1) }

    static func create(in database: Database) throws {
        for statement in statements { try database.execute(sql: statement) }
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }
}

// SPDX-License-Identifier: Apache-2.0

/// The tables of the file of logs, their version, and every statement. Values are bound, never put into the
/// text.
enum LogSchema {
    /// Kept in `PRAGMA user_version`. Raised with every change of a table or of a byte format.
    static let version = 4

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
        StoredTable.create,
    ]

    static let insertJournal = "INSERT INTO journal (number, segment) VALUES (?, ?)"
    static let deleteJournal = "DELETE FROM journal WHERE number = ?"
    static let insertBlock = "INSERT INTO block (number, info) VALUES (?, ?)"
    static let updateBlock = "UPDATE block SET info = ?2 WHERE number = ?1"
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
        SELECT max(coalesce((SELECT max(number) FROM block WHERE number < 1 << 42), 0),
            coalesce((SELECT max(block) FROM block_rows WHERE block < 1 << 42), 0),
            coalesce((SELECT max(block) FROM trace_filter WHERE block < 1 << 42), 0),
            coalesce((SELECT max(block) FROM attribute_filter WHERE block < 1 << 42), 0),
            coalesce((SELECT max(block) FROM text_filter WHERE block < 1 << 42), 0),
            coalesce((SELECT max(number) FROM frame WHERE number < 1 << 62), 0) >> 20)
        """

    static func frameNumber(block: Int64, index: Int) -> Int64 { block << 20 + Int64(index) }

    static let upgrade = SchemaUpgrade(
        applicationID: applicationID, version: version, create: statements,
        steps: [
            // As for traces.
            1: [
                StoredTable.create,
                """
                INSERT INTO stored SELECT number, \(StoredTable.sqlNow), -1, length(info)
                    + (SELECT coalesce(sum(length(bytes)), 0) FROM block_rows WHERE block = number)
                    + (SELECT coalesce(sum(length(bytes)), 0) FROM trace_filter WHERE block = number)
                    + (SELECT coalesce(sum(length(bytes)), 0) FROM attribute_filter WHERE block = number)
                    + (SELECT coalesce(sum(length(bytes)), 0) FROM text_filter WHERE block = number)
                    + (
                        SELECT coalesce(sum(length(bytes)), 0) FROM frame
                        WHERE frame.number >= block.number << 20 AND frame.number < (block.number + 1) << 20
                    ) FROM block
                """,
                "INSERT INTO stored SELECT 0, \(StoredTable.sqlNow), 0, 0 FROM journal LIMIT 1",
            ],
            // Frames of zlib are read as before; new ones are of a form that an older contrail would call damaged.
            2: [],
            // Infos and filters without a checksum are read as before; new ones an older contrail could not.
            3: [],
        ])
}

// SPDX-License-Identifier: Apache-2.0

/// The tables and their version.
///
/// Names are kept as BLOB: they are what was sent, zero bytes included, which TEXT does not carry through
/// every API.
enum StoreSchema {
    /// Kept in `PRAGMA user_version`. Raised with every change of a table or of a byte format.
    static let version = 7

    /// Kept in `PRAGMA application_id`: "CTRL" in ASCII. Tells our files from other SQLite databases.
    static let applicationID = 0x4354_524c

    static let statements = [
        // What was acknowledged and is not in a block yet: one row per commit, its requests one behind the other
        // (together they are a request again) as a `Section`.
        "CREATE TABLE journal (number INTEGER PRIMARY KEY, requests BLOB NOT NULL)",
        // All (service, span name, kind) ever seen. Blocks refer to them by number.
        """
        CREATE TABLE operation (
            number INTEGER PRIMARY KEY, service BLOB NOT NULL, name BLOB NOT NULL, kind INTEGER NOT NULL
        )
        """,
        // Some thousand spans each. `info` tells whether a block is worth reading, `filter` which traces it has,
        // perhaps, and has a checksum of both at its end; all of both stays in memory.
        "CREATE TABLE block (number INTEGER PRIMARY KEY, info BLOB NOT NULL, filter BLOB NOT NULL)",
        // The columns of the blocks (`SectionNumber`), each read alone. Numbered by block * 2^20 + section.
        "CREATE TABLE section (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        StoredTable.create,
    ]

    /// Numbers of blocks are below: those of their rows, 2^20 times that, stay within 64 bits. What a damaged file has
    /// above is set aside.
    static let blockNumberEnd: Int64 = 1 << 43

    /// Numbers of rows of the journal, so that those after them have some too.
    static let journalNumbers: Range<Int64> = 1..<1 << 62

    /// The row of a section.
    static func rowNumber(block: Int64, section: Int) -> Int64 { block << 20 + Int64(section) }

    static let upgrade = SchemaUpgrade(
        applicationID: applicationID, version: version, create: statements,
        steps: [
            // Blocks from before count as stored at the upgrade; how many spans they have is not known.
            4: [
                StoredTable.create,
                """
                INSERT INTO stored SELECT number, \(StoredTable.sqlNow), -1, length(info) + length(filter) + (
                    SELECT coalesce(sum(length(bytes)), 0) FROM section
                    WHERE section.number >= block.number << 20 AND section.number < (block.number + 1) << 20
                ) FROM block
                """,
                "INSERT INTO stored SELECT 0, \(StoredTable.sqlNow), 0, 0 FROM journal LIMIT 1",
            ],
            // Filters without a checksum are read as before; new ones an older contrail would call damaged.
            5: [],
            // Infos as before are read; the smaller ones an older contrail would call damaged.
            6: [],
        ])
}

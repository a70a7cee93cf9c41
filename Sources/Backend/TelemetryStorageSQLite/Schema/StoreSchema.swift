// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables and their version.
///
/// Names are kept as BLOB: they are what was sent, zero bytes included, which TEXT does not carry through every API.
enum StoreSchema {
    /// Kept in `PRAGMA user_version`. Raised with every change of a table or of a byte format.
    static let version = 1

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
    ]

    static func create(in database: Database) throws {
        for statement in statements { try database.execute(sql: statement) }
        try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        try database.execute(sql: "PRAGMA user_version = \(version)")
    }
}

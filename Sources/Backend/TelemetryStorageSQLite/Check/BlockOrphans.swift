// SPDX-License-Identifier: Apache-2.0

import GRDB
import TelemetryStorage

/// Finds what is kept of blocks that are not in the list of blocks.
struct BlockOrphans {
    struct Table {
        var name: String
        /// The number of a row's block.
        var block: String
        /// What one row or several of it are.
        var what: String
    }

    let database: Database
    let file: String
    let tables: [Table]

    /// One for each such block.
    func findings() throws -> [StoreCheck.Finding] {
        var parts: [Int64: [String]] = [:]
        for table in tables {
            let numbers = try Int64.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT \(table.block) FROM \(table.name)
                    WHERE \(table.block) NOT IN (SELECT number FROM block)
                    """)
            // Block 0 of the times is the journal.
            for number in numbers where number != 0 { parts[number, default: []].append(table.what) }
        }
        return parts.sorted { $0.key < $1.key }.map { number, parts in
            let has = parts.joined(separator: ", ")
            return StoreCheck.Finding(
                file: file, block: number, what: "it is not in the list of blocks, but has \(has)")
        }
    }
}

extension StoredTable {
    /// Throws when the block has other items than were noted.
    static func check(_ database: Database, block: Int64, count: Int, of items: String) throws {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT items FROM stored WHERE block = ?", arguments: [block])
        else { throw StorageError.damaged("the time of its storing is missing") }
        let noted = try row.value(0, as: Int.self)
        // Blocks from before they were counted have -1.
        guard noted < 0 || noted == count else {
            throw StorageError.damaged("it has \(count) \(items) and should have \(noted)")
        }
    }
}

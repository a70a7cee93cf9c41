// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Writes blocks within the transaction of the caller.
struct BlockWriter {
    let database: Database
    /// Nanoseconds since 1970 UTC.
    let now: UInt64

    func write(_ block: NewBlock, number: Int64) throws {
        let row = block.info.row
        try run(SQL.insertBlock, [number, Data(row.info), Data(row.filter)])
        try StoredTable.note(
            block: number, at: now, items: block.info.spanCount ?? -1,
            parts: [row.info.count, row.filter.count] + block.sections.map(\.bytes.count), in: database)
        // In the order of their numbers, so that the rows lie one behind the other.
        for section in block.sections.sorted(by: { $0.number < $1.number }) {
            try run(
                SQL.insertSection,
                [StoreSchema.rowNumber(block: number, section: section.number), Data(section.bytes)])
        }
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB

/// Writes blocks within the transaction of the caller.
struct BlockWriter {
    let database: Database
    /// Nanoseconds since 1970 UTC.
    let now: UInt64

    func write(_ block: NewBlock, number: Int64) throws {
        try run(SQL.insertBlock, [number, Data(block.info.bytes), Data(block.info.filter.bytes)])
        try note(block, number: number)
        // In the order of their numbers, so that the rows lie one behind the other.
        for section in block.sections.sorted(by: { $0.number < $1.number }) {
            try run(
                SQL.insertSection,
                [StoreSchema.rowNumber(block: number, section: section.number), Data(section.bytes)])
        }
    }

    private func note(_ block: NewBlock, number: Int64) throws {
        let parts =
            [block.info.bytes.count, block.info.filter.bytes.count] + block.sections.map(\.bytes.count)
        try StoredTable.note(
            block: number, at: now, items: block.info.spanCount, parts: parts, in: database)
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

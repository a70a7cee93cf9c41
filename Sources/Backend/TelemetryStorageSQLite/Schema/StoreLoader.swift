// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Reads what an open store keeps in memory: the operations, the blocks' infos and what the journal holds.
enum StoreLoader {
    static func load(
        _ database: any DatabaseWriter, damage: DamageReport, spansPerBlock: Int
    ) throws(StorageError) -> (state: StoreCore.State, ingest: Ingest) {
        do {
            return try database.read { database in
                var state = StoreCore.State()
                try loadOperations(from: database, into: &state)
                let blocks = try Row.fetchCursor(database, sql: SQL.selectBlocks)
                while let row = try blocks.next() {
                    guard let info = try blockInfo(row, from: database, damage: damage) else { continue }
                    state.blocks.append(info)
                }
                var journalLast: Int64 = 0
                var journalDamaged: [Int64] = []
                let journal = try Row.fetchCursor(database, sql: SQL.selectJournal)
                while let row = try journal.next() {
                    let number: Int64 = row[0]
                    journalLast = number
                    let mark = state.active.mark
                    do {
                        let requests = try Section.unpack([UInt8](row[1] as Data))
                        try requests.withUnsafeBytes { try state.active.append($0) }
                    } catch StorageError.damaged(let what) {
                        state.active.truncate(to: mark)
                        journalDamaged.append(number)
                        damage.note("journal, row \(number): \(what)")
                    }
                }
                for key in state.active.operations {
                    state.active.operationNumbers.append(state.operations.add(key))
                }
                state.active.committedCount = state.active.rows.count
                state.forgetUnusedOperations()
                let ingest = Ingest(
                    journalLast: journalLast, journalDamaged: journalDamaged,
                    journalSince: try StoredTable.journalSince(in: database),
                    nextBlock: (try Int64.fetchOne(database, sql: SQL.selectBlockLast) ?? 0) + 1,
                    spansPerBlock: spansPerBlock)
                return (state, ingest)
            }
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// An info or filter that is damaged is made again from the rows of its block; nil when those are too.
    private static func blockInfo(
        _ row: Row, from database: Database, damage: DamageReport
    ) throws -> BlockInfo? {
        let number: Int64 = row[0]
        do {
            guard let filter = TraceFilter(bytes: row[2] as Data) else {
                throw StorageError.damaged("the filter")
            }
            return try BlockInfo(number: number, filter: filter, bytes: [UInt8](row[1] as Data))
        } catch StorageError.damaged {
            damage.note("block \(number): its info, which is made again from its rows")
        }
        do {
            var info = BlockInfo(try SectionReader(database: database, block: number).storedBlock().table())
            info.number = number
            return info
        } catch StorageError.damaged(let what) {
            damage.setAside(number, because: what)
            return nil
        }
    }

    private static func loadOperations(
        from database: Database, into state: inout StoreCore.State
    ) throws {
        let rows = try Row.fetchCursor(database, sql: SQL.selectOperations)
        while let row = try rows.next() {
            guard let key = OperationKey(service: row[1], name: row[2], kind: row[3]),
                UInt32(exactly: row[0] as Int64) == state.operations.add(key)
            else { throw StorageError.damaged("the list of operations") }
        }
    }
}

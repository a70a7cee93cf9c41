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
        var repaired: [BlockInfo] = []
        do {
            defer { repair(repaired, in: database) }
            return try database.read { database in
                var state = StoreCore.State()
                try loadOperations(from: database, into: &state, damage: damage)
                let counts = try StoredTable.itemCounts(in: database)
                let blocks = try Row.fetchCursor(database, sql: SQL.selectBlocks)
                while let row = try blocks.next() {
                    guard
                        var info = try blockInfo(row, from: database, damage: damage, repaired: &repaired)
                    else { continue }
                    info.spanCount = info.spanCount ?? counts[info.number]
                    state.blocks.append(info)
                }
                let used = state.blocks.lazy.flatMap(\.operations).map { Int64($0.operation) }.max() ?? -1
                if used >= state.operations.keys.count {
                    damage.note("operations up to \(used) are missing")
                    // Their numbers are not given again.
                    state.operations.loadDamaged(at: used)
                }
                var journalLast: Int64 = 0
                var journalDamaged: [Int64] = []
                state.active = try active(from: database, last: &journalLast) { number, what in
                    journalDamaged.append(number)
                    damage.setAside(journalRow: number, because: what)
                }
                state.numberActiveOperations()
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

    /// What the rows of the journal hold that can be read; `damaged` is told the others.
    static func active(
        from database: Database, last: inout Int64, damaged: (Int64, String) -> Void
    ) throws -> ActiveBlock {
        var active = ActiveBlock()
        let journal = try Row.fetchCursor(database, sql: SQL.selectJournal)
        while let row = try journal.next() {
            let number = try row.value(0, as: Int64.self)
            let mark = active.mark
            do {
                guard StoreSchema.journalNumbers.contains(number) else {
                    throw StorageError.damaged("no row has such a number")
                }
                last = number
                let requests = try Section.unpack([UInt8](try row.value(1, as: Data.self)))
                try requests.withUnsafeBytes { try active.append($0) }
            } catch StorageError.damaged(let what) {
                active.truncate(to: mark)
                damaged(number, what)
            }
        }
        return active
    }

    /// An info or filter that is damaged is made again from the rows of its block; nil when those are too.
    private static func blockInfo(
        _ row: Row, from database: Database, damage: DamageReport, repaired: inout [BlockInfo]
    ) throws -> BlockInfo? {
        let number = try row.value(0, as: Int64.self)
        guard (1..<StoreSchema.blockNumberEnd).contains(number) else {
            damage.setAside(number, because: "no block has such a number")
            return nil
        }
        do {
            return try BlockInfo(
                number: number, info: [UInt8](try row.value(1, as: Data.self)),
                filter: [UInt8](try row.value(2, as: Data.self)))
        } catch StorageError.damaged {
            damage.note("block \(number): its info, which is made again from its rows")
        }
        do {
            var info = BlockInfo(try SectionReader(database: database, block: number).storedBlock().table())
            info.number = number
            repaired.append(info)
            return info
        } catch StorageError.damaged(let what) {
            damage.setAside(number, because: what)
            return nil
        }
    }

    /// Writes what was made again into the file. Safe to fail: it is made again at each start.
    private static func repair(_ infos: [BlockInfo], in database: any DatabaseWriter) {
        guard !infos.isEmpty else { return }
        try? database.write { database in
            for info in infos {
                let row = info.row
                try database.execute(
                    sql: SQL.updateBlock, arguments: [info.number, Data(row.info), Data(row.filter)])
            }
        }
    }

    /// A row that is damaged keeps its number, so that all others keep theirs: blocks refer to them by it.
    private static func loadOperations(
        from database: Database, into state: inout StoreCore.State, damage: DamageReport
    ) throws {
        let rows = try Row.fetchCursor(database, sql: SQL.selectOperations)
        while let row = try rows.next() {
            let number = try row.value(0, as: Int64.self)
            do {
                let key = try OperationKey(row)
                try state.operations.load(key, at: number)
            } catch StorageError.damaged(let what) {
                damage.note("operation \(number): \(what)")
                state.operations.loadDamaged(at: number)
            }
        }
    }
}

extension OperationKey {
    /// From a row of ``SQL/selectOperations``.
    init(_ row: Row) throws(StorageError) {
        guard
            let key = OperationKey(
                service: try row.value(1), name: try row.value(2), kind: try row.value(3))
        else { throw .damaged("its kind is none") }
        self = key
    }
}

extension StoreCore.State {
    /// After the active block was read from the journal: gives its operations the store's numbers, and shows its rows.
    mutating func numberActiveOperations() {
        active.operationNumbers = active.operations.map { operations.add($0) }
        active.committedCount = active.rows.count
    }
}

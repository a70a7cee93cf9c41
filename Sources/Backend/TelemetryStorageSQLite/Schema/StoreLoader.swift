// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Reads what an open store keeps in memory: the operations, the blocks' infos and what the journal holds.
enum StoreLoader {
    static func load(
        _ database: any DatabaseWriter, damage: DamageReport
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
                let journal = try Row.fetchCursor(database, sql: SQL.selectJournal)
                while let row = try journal.next() {
                    journalLast = row[0]
                    let segment = try Segment(bytes: [UInt8](row[1] as Data))
                    let numbers = segment.operations.map { state.operations.add($0) }
                    state.segments.append(ActiveSegment(segment: segment, operationNumbers: numbers))
                }
                let ingest = Ingest(
                    journal: state.segments, journalLast: journalLast,
                    nextBlock: (try Int64.fetchOne(database, sql: SQL.selectBlockLast) ?? 0) + 1)
                return (state, ingest)
            }
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// An info that is damaged is made again from the rows of its block; nil when those are too.
    private static func blockInfo(
        _ row: Row, from database: Database, damage: DamageReport
    ) throws -> BlockInfo? {
        let number: Int64 = row[0]
        let traceStartMin = UInt64(ordered: row[1])
        do {
            return try BlockInfo(
                number: number, traceStartMin: traceStartMin, bytes: [UInt8](row[2] as Data))
        } catch StorageError.damaged {
            damage.note("block \(number): its info, which is made again from its rows")
        }
        do {
            guard let bytes = try Data.fetchOne(database, sql: SQL.selectRows, arguments: [number]) else {
                throw StorageError.damaged("its rows are missing")
            }
            var info = BlockInfo(try StoredBlock(number: number, bytes: [UInt8](bytes)).table)
            info.number = number
            info.traceStartMin = traceStartMin
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

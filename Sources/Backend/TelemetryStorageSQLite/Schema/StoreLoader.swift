// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Reads what an open store keeps in memory: the operations, the blocks' infos and what the journal holds.
enum StoreLoader {
    static func load(
        _ database: any DatabaseWriter
    ) throws(StorageError) -> (state: StoreCore.State, ingest: Ingest) {
        do {
            return try database.read { database in
                var state = StoreCore.State()
                try loadOperations(from: database, into: &state)
                let blocks = try Row.fetchCursor(database, sql: SQL.selectBlocks)
                while let row = try blocks.next() {
                    state.blocks.append(
                        try BlockInfo(
                            number: row[0], traceStartMin: UInt64(ordered: row[1]),
                            bytes: [UInt8](row[2] as Data)))
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
                    nextBlock: (state.blocks.last?.number ?? 0) + 1)
                return (state, ingest)
            }
        } catch {
            throw StorageError(sqlite: error)
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

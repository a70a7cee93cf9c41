// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Reads what an open store keeps in memory: the operations and what the journal holds.
enum StoreLoader {
    /// The state, and the number of the last journal row (zero for none).
    static func load(
        _ database: any DatabaseWriter
    ) throws(StorageError) -> (state: StoreCore.State, journalLast: Int64) {
        do {
            return try database.read { database in
                var state = StoreCore.State()
                try loadOperations(from: database, into: &state)
                var journalLast: Int64 = 0
                let rows = try Row.fetchCursor(database, sql: SQL.selectJournal)
                while let row = try rows.next() {
                    journalLast = row[0]
                    let segment = try Segment(bytes: [UInt8](row[1] as Data))
                    let numbers = segment.operations.map { state.operations.add($0) }
                    state.segments.append(ActiveSegment(segment: segment, operationNumbers: numbers))
                }
                return (state, journalLast)
            }
        } catch {
            throw StorageError(reading: error)
        }
    }

    private static func loadOperations(
        from database: Database, into state: inout StoreCore.State
    ) throws {
        let rows = try Row.fetchCursor(database, sql: SQL.selectOperations)
        while let row = try rows.next() {
            let service = String(decoding: row[1] as Data, as: UTF8.self)
            let name = String(decoding: row[2] as Data, as: UTF8.self)
            guard let kind = SpanKind(rawValue: row[3]),
                case let key = OperationKey(service: ExactText(service), name: ExactText(name), kind: kind),
                UInt32(exactly: row[0] as Int64) == state.operations.add(key)
            else { throw StorageError.damaged("the list of operations") }
        }
    }
}

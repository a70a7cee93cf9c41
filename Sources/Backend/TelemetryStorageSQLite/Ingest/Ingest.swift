// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// The writer's own knowledge. Used by one thread at a time.
struct Ingest: Sendable {
    /// Number of the last row of the journal.
    var journalLast: Int64

    /// Makes the segments durable, all or none, and then visible.
    mutating func commit(_ segments: [Segment], to core: StoreCore) throws(StorageError) {
        let (numbers, new) = core.withState { state in
            Self.operationNumbers(of: segments, in: state.operations)
        }
        do {
            var last = journalLast
            try core.database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try Self.insertOperations(new, into: database)
                    for segment in segments {
                        let statement = try database.cachedStatement(sql: SQL.insertJournal)
                        try statement.execute(arguments: [Data(segment.bytes)])
                        last = database.lastInsertedRowID
                    }
                    return .commit
                }
            }
            journalLast = last
        } catch {
            throw StorageError(writing: error)
        }
        core.withState { state in
            for (_, key) in new { _ = state.operations.add(key) }
            for (segment, numbers) in zip(segments, numbers) {
                state.segments.append(ActiveSegment(segment: segment, operationNumbers: numbers))
            }
        }
    }

    /// For each segment the store's numbers of its operations, and the operations that are new.
    private static func operationNumbers(
        of segments: [Segment], in table: OperationTable
    ) -> (numbers: [[UInt32]], new: [(UInt32, OperationKey)]) {
        var new: [OperationKey: UInt32] = [:]
        var inOrder: [(UInt32, OperationKey)] = []
        let numbers = segments.map { segment in
            segment.operations.map { key in
                if let number = table.number(of: key) ?? new[key] { return number }
                let number = UInt32(truncatingIfNeeded: table.keys.count + new.count)
                new[key] = number
                inOrder.append((number, key))
                return number
            }
        }
        return (numbers, inOrder)
    }

    private static func insertOperations(
        _ operations: [(UInt32, OperationKey)], into database: Database
    ) throws {
        for (number, key) in operations {
            try database.cachedStatement(sql: SQL.insertOperation).execute(arguments: [
                Int64(number), Data(key.service.text.utf8), Data(key.name.text.utf8), key.kind.rawValue,
            ])
        }
    }
}

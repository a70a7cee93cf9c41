// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// The writer's own knowledge. Used by one thread at a time.
struct Ingest: Sendable {
    /// Number of the last row of the journal, zero for none.
    var journalLast: Int64
    var nextBlock: Int64
    /// What is in the journal.
    private var journalSpans = 0
    private var journalBytes = 0

    init(journal: [ActiveSegment], journalLast: Int64, nextBlock: Int64) {
        self.journalLast = journalLast
        self.nextBlock = nextBlock
        count(journal.map(\.segment))
    }

    private mutating func count(_ segments: [Segment]) {
        for segment in segments {
            journalSpans += segment.spanCount
            journalBytes += segment.byteCount
        }
    }

    private struct NewOperation {
        var number: UInt32
        var key: OperationKey
    }

    /// Makes the segments durable, all or none, and then visible: in the journal, or as blocks with what is
    /// in the journal once there is enough for one.
    mutating func commit(_ segments: [Segment], to core: StoreCore) throws(StorageError) {
        let (active, numbers, new) = core.withState { state in
            let (numbers, new) = Self.operationNumbers(of: segments, in: state.operations)
            return (state.segments, numbers, new)
        }
        let added = zip(segments, numbers).map { ActiveSegment(segment: $0, operationNumbers: $1) }
        let before = self
        count(segments)
        do throws(StorageError) {
            try write(segments, added: added, after: active, new: new, to: core)
        } catch {
            self = before
            throw error
        }
    }

    private mutating func write(
        _ segments: [Segment], added: [ActiveSegment], after active: [ActiveSegment], new: [NewOperation],
        to core: StoreCore
    ) throws(StorageError) {
        if journalSpans < BlockBuilder.spansPerBlock && journalBytes < BlockBuilder.bytesPerBlock {
            try append(segments, new: new, to: core.database)
            core.withState { state in
                for operation in new { _ = state.operations.add(operation.key) }
                state.segments += added
            }
        } else {
            let (infos, traceStarts) = try seal(active + added, new: new, to: core.database)
            core.withState { state in
                for operation in new { _ = state.operations.add(operation.key) }
                for index in state.blocks.indices {
                    guard let traceStartMin = traceStarts[state.blocks[index].number] else { continue }
                    state.blocks[index].traceStartMin = min(traceStartMin, state.blocks[index].traceStartMin)
                }
                state.blocks += infos
                state.segments = []
            }
            journalSpans = 0
            journalBytes = 0
        }
    }

    private mutating func append(
        _ segments: [Segment], new: [NewOperation], to database: any DatabaseWriter
    ) throws(StorageError) {
        let rows = segments.map { Data($0.bytes) }
        journalLast = try Self.transaction(database) { database in
            try Self.insert(new, into: database)
            for row in rows {
                try database.cachedStatement(sql: SQL.insertJournal).execute(arguments: [row])
            }
            return database.lastInsertedRowID
        }
    }

    private mutating func seal(
        _ segments: [ActiveSegment], new: [NewOperation], to database: any DatabaseWriter
    ) throws(StorageError) -> (infos: [BlockInfo], traceStarts: [Int64: UInt64]) {
        let blocks = BlockBuilder.blocks(of: segments)
        let first = nextBlock
        let journalLast = journalLast
        let written = try Self.transaction(database) { database in
            try Self.insert(new, into: database)
            var writer = BlockWriter(database)
            for (index, block) in blocks.enumerated() {
                try writer.write(block, number: first + Int64(index))
            }
            try writer.writeTraceStarts()
            try database.cachedStatement(sql: SQL.deleteJournal).execute(arguments: [journalLast])
            return (writer.infos, writer.traceStarts)
        }
        nextBlock = first + Int64(blocks.count)
        return written
    }

    private static func transaction<T>(
        _ database: any DatabaseWriter, _ body: (Database) throws -> T
    ) throws(StorageError) -> T {
        do {
            return try database.writeWithoutTransaction { database in
                var result: T?
                try database.inTransaction(.immediate) {
                    result = try body(database)
                    return .commit
                }
                guard let result else { throw StorageError.unavailable("the transaction did not run") }
                return result
            }
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// For each segment the store's numbers of its operations, and the operations that are new.
    private static func operationNumbers(
        of segments: [Segment], in table: OperationTable
    ) -> (numbers: [[UInt32]], new: [NewOperation]) {
        var numberOfNew: [OperationKey: UInt32] = [:]
        var new: [NewOperation] = []
        let numbers = segments.map { segment in
            segment.operations.map { key in
                if let number = table.number(of: key) ?? numberOfNew[key] { return number }
                let number = UInt32(truncatingIfNeeded: table.keys.count + new.count)
                numberOfNew[key] = number
                new.append(NewOperation(number: number, key: key))
                return number
            }
        }
        return (numbers, new)
    }

    private static func insert(_ operations: [NewOperation], into database: Database) throws {
        for operation in operations {
            let key = operation.key
            try database.cachedStatement(sql: SQL.insertOperation).execute(arguments: [
                Int64(operation.number), Data(key.service.text.utf8), Data(key.name.text.utf8),
                key.kind.rawValue,
            ])
        }
    }
}

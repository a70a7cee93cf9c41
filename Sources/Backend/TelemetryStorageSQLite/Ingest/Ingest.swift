// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// The writer's own knowledge. Used by one thread at a time.
struct Ingest: Sendable {
    /// Number of the last row of the journal, zero for none.
    private var journalLast: Int64
    /// Rows of the journal that cannot be read, in order. They stay in the file, and are told at each start.
    private let journalDamaged: [Int64]
    private var nextBlock: Int64

    /// When the first row of the journal was written, nanoseconds since 1970 UTC; nil for an empty one.
    private var journalSince: UInt64?

    private let spansPerBlock: Int

    /// Bytes of requests that failed since the active block held nothing of such.
    private var failedBytes = 0
    /// Above, the active block is made anew: what it keeps of failed requests stays below some times that.
    private static let failedBytesMax = 16 << 20

    init(
        journalLast: Int64, journalDamaged: [Int64], journalSince: UInt64?, nextBlock: Int64,
        spansPerBlock: Int
    ) {
        self.journalLast = journalLast
        self.journalDamaged = journalDamaged
        self.journalSince = journalSince
        self.nextBlock = nextBlock
        self.spansPerBlock = spansPerBlock
    }

    private struct NewOperation {
        var number: UInt32
        var key: OperationKey
    }

    /// Makes the requests durable, all or none, and then visible: in the journal, or as blocks with what is in
    /// the journal once there is enough for one.
    mutating func commit(_ requests: [EncodedSpans], to core: StoreCore) throws(StorageError) {
        let mark = core.withState { $0.active.mark }
        do throws(StorageError) {
            // The lock is let go of after each: questions do not wait for all.
            for request in requests {
                try core.withState { (state) throws(StorageError) in
                    try request.bytes.withRawBytes { (bytes) throws(StorageError) in
                        try state.active.append(bytes)
                    }
                }
            }
            try write(requests, to: core)
        } catch {
            core.withState { $0.active.truncate(to: mark) }
            failedBytes += requests.reduce(0) { $0 + $1.bytes.count }
            if failedBytes > Self.failedBytesMax { forgetFailed(in: core) }
            throw error
        }
    }

    /// Makes the active block anew from the journal: names, traces and values of requests that failed stay in its
    /// tables otherwise, and while a disk is full more come with each.
    private mutating func forgetFailed(in core: StoreCore) {
        // Safe to fail: it is tried again with the next request that fails.
        let active = try? core.database.read { database in
            var last: Int64 = 0
            return try StoreLoader.active(from: database, last: &last) { _, _ in }
        }
        guard let active else { return }
        core.withState { state in
            state.active = active
            state.numberActiveOperations()
        }
        failedBytes = 0
    }

    /// Makes a block of what is in the journal when that waits longer than since `time`.
    mutating func seal(waitingSince time: UInt64, to core: StoreCore) throws(StorageError) {
        guard let journalSince, journalSince < time else { return }
        let active = core.withState { $0.active }
        guard !active.rows.isEmpty else { return }
        let infos = try seal(active, new: [], to: core.database)
        core.withState { state in
            state.blocks += infos
            state.active = ActiveBlock()
        }
    }

    private mutating func write(_ requests: [EncodedSpans], to core: StoreCore) throws(StorageError) {
        let (new, isFull) = core.withState { state in
            let new = Self.numberOperations(of: &state.active, in: state.operations)
            return (
                new,
                state.active.rows.count >= spansPerBlock
                    || state.active.requestBytes >= BlockEncoder.bytesPerBlock
            )
        }
        // A name of a service stands once in a request, but in each of its operations.
        let nameBytes = new.reduce(0) { $0 + $1.key.service.text.utf8.count + $1.key.name.text.utf8.count }
        guard nameBytes <= SQLiteTraceStore.requestBytesMax else {
            throw .tooLarge(limit: SQLiteTraceStore.requestBytesMax)
        }
        core.withState { $0.operations.showAgain($0.active.operationNumbers) }
        guard isFull else {
            try append(requests, new: new, to: core.database)
            return core.withState { state in
                for operation in new { _ = state.operations.add(operation.key) }
                state.active.committedCount = state.active.rows.count
            }
        }
        let infos = try seal(core.withState { $0.active }, new: new, to: core.database)
        core.withState { state in
            for operation in new { _ = state.operations.add(operation.key) }
            state.blocks += infos
            state.active = ActiveBlock(after: state.active)
        }
    }

    private mutating func append(
        _ requests: [EncodedSpans], new: [NewOperation], to database: any DatabaseWriter
    ) throws(StorageError) {
        // One frame for all: what small requests repeat of each other costs nothing.
        var bytes: [UInt8] = []
        if requests.count == 1 {
            bytes = requests[0].bytes
        } else {
            bytes.reserveCapacity(requests.reduce(0) { $0 + $1.bytes.count })
            for request in requests { bytes += request.bytes }
        }
        var section = SectionWriter()
        try section.frame(bytes)
        let row = Data(section.bytes)
        let since = journalSince == nil ? StoredTable.now() : nil
        let number = journalLast + 1
        try Self.transaction(database) { database in
            try Self.insert(new, into: database)
            if let since { try StoredTable.beginJournal(at: since, in: database) }
            try database.cachedStatement(sql: SQL.insertJournal).execute(arguments: [number, row])
        }
        journalLast = number
        journalSince = journalSince ?? since
    }

    private mutating func seal(
        _ active: ActiveBlock, new: [NewOperation], to database: any DatabaseWriter
    ) throws(StorageError) -> [BlockInfo] {
        let blocks = try BlockEncoder.blocks(of: active, spansPerBlock: spansPerBlock)
        let first = nextBlock
        let sealed = sealedJournal
        try Self.transaction(database) { database in
            try Self.insert(new, into: database)
            let writer = BlockWriter(database: database, now: StoredTable.now())
            for (index, block) in blocks.enumerated() {
                try writer.write(block, number: first + Int64(index))
            }
            for rows in sealed {
                try database.cachedStatement(sql: SQL.deleteJournal)
                    .execute(arguments: [rows.lowerBound, rows.upperBound])
            }
            try StoredTable.endJournal(in: database)
        }
        journalSince = nil
        nextBlock = first + Int64(blocks.count)
        return blocks.enumerated().map { index, block in
            var info = block.info
            info.number = first + Int64(index)
            return info
        }
    }

    /// The journal without the rows that cannot be read.
    private var sealedJournal: [ClosedRange<Int64>] {
        var ranges: [ClosedRange<Int64>] = []
        var first = Int64.min
        for damaged in journalDamaged {
            if first < damaged { ranges.append(first...damaged - 1) }
            guard damaged < Int64.max else { return ranges }
            first = damaged + 1
        }
        if first <= journalLast { ranges.append(first...journalLast) }
        return ranges
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

    /// Gives the operations that came since the last commit their numbers, and gives those that are new.
    private static func numberOperations(
        of active: inout ActiveBlock, in table: OperationTable
    ) -> [NewOperation] {
        var new: [NewOperation] = []
        for key in active.operations[active.operationNumbers.count...] {
            if let number = table.number(of: key) {
                active.operationNumbers.append(number)
                continue
            }
            // In the active block each operation stands once.
            let number = UInt32(truncatingIfNeeded: table.keys.count + new.count)
            active.operationNumbers.append(number)
            new.append(NewOperation(number: number, key: key))
        }
        return new
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

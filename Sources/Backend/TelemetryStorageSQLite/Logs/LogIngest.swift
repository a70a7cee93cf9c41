// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Makes segments durable and visible. Used by one thread at a time.
struct LogIngest: Sendable {
    let core: LogCore

    /// All or none: in the journal, or as blocks with what is in the journal once there is enough for one.
    func commit(_ segments: [LogSegment]) throws(StorageError) {
        let (next, journal) = core.withView { ($0.nextRecord, $0.journal) }
        var added: [ActiveLogs] = []
        var first = next
        for segment in segments {
            added.append(ActiveLogs(first: first, segment: segment))
            first += Int64(segment.recordCount)
        }
        let weight = added.reduce(into: journal) { $0.add($1.segment) }
        if weight.isEnoughForBlock {
            try seal(added)
        } else {
            let since = core.view.journalSince ?? StoredTable.now()
            try append(added, since: since)
            // In place: with many small requests a copy of the list for each would cost more than the disk.
            core.withView { view in
                view.segments += added
                view.journalSince = since
                view.journal = weight
                view.nextRecord = first
            }
        }
    }

    /// Makes a block of what is in the journal when that waits longer than since `time`.
    func seal(waitingSince time: UInt64) throws(StorageError) {
        let view = core.view
        guard let since = view.journalSince, since < time, !view.segments.isEmpty else { return }
        try seal([])
    }

    private func append(_ added: [ActiveLogs], since: UInt64) throws(StorageError) {
        let rows = added.map { ($0.first, Data($0.segment.bytes)) }
        let isFirst = core.view.journalSince == nil
        try transaction { database in
            if isFirst { try StoredTable.beginJournal(at: since, in: database) }
            for (first, bytes) in rows {
                try database.cachedStatement(sql: LogSchema.insertJournal).execute(arguments: [first, bytes])
            }
        }
    }

    private func seal(_ added: [ActiveLogs]) throws(StorageError) {
        let view = core.view
        let blocks = Self.runs(of: view.segments + added).reduce(into: [NewLogBlock]()) { blocks, run in
            blocks += LogBlockBuilder.blocks(of: run, firstNumber: view.nextBlock + Int64(blocks.count))
        }
        try transaction { database in
            for block in blocks { try Self.write(block, to: database) }
            try StoredTable.endJournal(in: database)
            for segment in view.segments {
                try database.cachedStatement(sql: LogSchema.deleteJournal).execute(arguments: [segment.first])
            }
        }
        core.withView { view in
            view.nextBlock += Int64(blocks.count)
            view.blocks += blocks.map(\.info)
            view.segments = []
            view.journal = LogCore.Weight()
            view.journalSince = nil
            if let last = added.last { view.nextRecord = last.first + Int64(last.segment.recordCount) }
        }
    }

    /// Segments whose numbers follow each other: a row of the journal that cannot be read leaves a gap.
    private static func runs(of segments: [ActiveLogs]) -> [[ActiveLogs]] {
        var runs: [[ActiveLogs]] = []
        var next: Int64?
        for segment in segments {
            if segment.first == next, !runs.isEmpty {
                runs[runs.count - 1].append(segment)
            } else {
                runs.append([segment])
            }
            next = segment.first + Int64(segment.segment.recordCount)
        }
        return runs
    }

    private static func write(_ block: NewLogBlock, to database: Database) throws {
        func run(_ sql: String, _ number: Int64, _ bytes: [UInt8]) throws {
            try database.cachedStatement(sql: sql).execute(arguments: [number, Data(bytes)])
        }
        let number = block.info.number
        let parts =
            [block.info.bytes, block.rows, block.traces, block.attributes, block.trigrams] + block.frames
        try StoredTable.note(
            block: number, at: StoredTable.now(), items: block.info.count, parts: parts.map(\.count),
            in: database)
        try run(LogSchema.insertBlock, number, block.info.bytes)
        try run(LogSchema.insertRows, number, block.rows)
        try run(LogSchema.insertTraceFilter, number, block.traces)
        try run(LogSchema.insertAttributeFilter, number, block.attributes)
        try run(LogSchema.insertTextFilter, number, block.trigrams)
        for (index, frame) in block.frames.enumerated() {
            try run(LogSchema.insertFrame, LogSchema.frameNumber(block: number, index: index), frame)
        }
    }

    private func transaction(_ body: (Database) throws -> Void) throws(StorageError) {
        do {
            try core.database.writeWithoutTransaction { database in
                try database.inTransaction(.immediate) {
                    try body(database)
                    return .commit
                }
            }
        } catch {
            throw StorageError(sqlite: error)
        }
    }
}

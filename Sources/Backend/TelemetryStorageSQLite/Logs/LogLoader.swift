// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Reads what an open store of logs keeps in memory: the blocks' infos and what the journal holds.
enum LogLoader {
    static func load(
        _ database: any DatabaseWriter, damage: DamageReport
    ) throws(StorageError) -> LogCore.View {
        var repaired: [LogBlockInfo] = []
        do {
            defer { repair(repaired, in: database) }
            return try database.read { database in
                var view = LogCore.View()
                var withoutInfo: [Int64] = []
                try loadBlocks(from: database, into: &view, withoutInfo: &withoutInfo, damage: damage)
                for number in withoutInfo {
                    guard let info = try rebuilt(number, beside: view.blocks, from: database, damage: damage)
                    else { continue }
                    view.blocks.insert(
                        info, at: view.blocks.firstIndex { $0.number > number } ?? view.blocks.count)
                    repaired.append(info)
                }
                for info in view.blocks {
                    view.nextRecord = max(view.nextRecord, info.first &+ Int64(info.count))
                }
                view.nextBlock = (try Int64.fetchOne(database, sql: LogSchema.selectBlockLast) ?? 0) + 1
                view.journalSince = try StoredTable.journalSince(in: database)
                try loadJournal(from: database, into: &view, damage: damage)
                return view
            }
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    private static func loadBlocks(
        from database: Database, into view: inout LogCore.View, withoutInfo: inout [Int64],
        damage: DamageReport
    ) throws {
        let blocks = try Row.fetchCursor(database, sql: LogSchema.selectBlocks)
        while let row = try blocks.next() {
            let number = try row.value(0, as: Int64.self)
            guard (1..<StoreSchema.blockNumberEnd).contains(number) else {
                damage.setAside(number, because: "no block has such a number")
                continue
            }
            do {
                let info = try LogBlockInfo(
                    number: number, bytes: [UInt8](try row.value(1, as: Data.self)))
                view.blocks.append(info)
            } catch StorageError.damaged {
                damage.note("log block \(number): its info, which is made again from its rows")
                withoutInfo.append(number)
            }
        }
    }

    /// Nil when the rows of the block are damaged too. Records are numbered on from those of the block before it, or
    /// down from those of the one behind: with a gap between them it may be off, which costs the order of records of
    /// one nanosecond.
    private static func rebuilt(
        _ number: Int64, beside blocks: [LogBlockInfo], from database: Database, damage: DamageReport
    ) throws -> LogBlockInfo? {
        do {
            guard
                let rows = try Data.fetchOne(database, sql: LogSchema.selectRows, arguments: [number])
            else { throw StorageError.damaged("its rows are missing") }
            var info = try StoredLogBlock(number: number, first: 1, bytes: [UInt8](rows)).info
            if let before = blocks.last(where: { $0.number < number }) {
                info.first = before.first + Int64(before.count)
            } else if let after = blocks.first(where: { $0.number > number }) {
                info.first = max(0, after.first - Int64(info.count))
            }
            return info
        } catch StorageError.damaged(let what) {
            damage.setAside(number, because: what)
            return nil
        }
    }

    private static func loadJournal(
        from database: Database, into view: inout LogCore.View, damage: DamageReport
    ) throws {
        let journal = try Row.fetchCursor(database, sql: LogSchema.selectJournal)
        while let row = try journal.next() {
            let first = try row.value(0, as: Int64.self)
            do {
                guard LogBlockInfo.firsts.contains(first) else {
                    throw StorageError.damaged("no record has such a number")
                }
                // A row that cannot be read stays in the journal; its number is not given again.
                view.nextRecord = max(view.nextRecord, first &+ 1)
                let segment = try LogSegment(bytes: [UInt8](try row.value(1, as: Data.self)))
                view.segments.append(ActiveLogs(first: first, segment: segment))
                view.journal.add(segment)
                view.nextRecord = max(view.nextRecord, first &+ Int64(segment.recordCount))
            } catch StorageError.damaged(let what) {
                damage.setAside(journalRow: first, because: what)
            }
        }
    }

    /// Writes what was made again into the file. Safe to fail: it is made again at each start.
    private static func repair(_ infos: [LogBlockInfo], in database: any DatabaseWriter) {
        guard !infos.isEmpty else { return }
        try? database.write { database in
            for info in infos {
                try database.execute(
                    sql: LogSchema.updateBlock, arguments: [info.number, Data(info.bytes)])
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Rows of a block as they are read back.
struct StoredLogBlock: Sendable {
    let info: LogBlockInfo
    let table: LogTable
    /// The first row of each frame.
    let frameRows: [Int]

    init(info: LogBlockInfo, bytes: [UInt8]) throws(StorageError) {
        self.info = info
        (frameRows, table) = try Self.parts(bytes)
        guard table.rows.count == info.count else { throw .damaged("the rows of a block") }
    }

    /// A block whose info is lost: made again from its rows. Only the number of the first one is not in them.
    init(number: Int64, first: Int64, bytes: [UInt8]) throws(StorageError) {
        (frameRows, table) = try Self.parts(bytes)
        info = LogBlockInfo(number: number, first: first, table: table)
    }

    private static func parts(_ bytes: [UInt8]) throws(StorageError) -> ([Int], LogTable) {
        let unpacked = try LogFrame.unpack(bytes)
        var input = ByteReader(unpacked)
        var frameRows: [Int] = []
        for _ in 0..<(try input.count()) { frameRows.append(Int(try input.varint32())) }
        let table = try LogTable(from: &input)
        let count = table.rows.count
        guard frameRows.first == 0 || count == 0, frameRows.allSatisfy({ $0 < count }) else {
            throw .damaged("the rows of a block")
        }
        return (frameRows, table)
    }

    /// The frame of a row, and where the frame begins among the bytes of all records.
    func frame(ofRow row: Int) -> (index: Int, offset: Int) {
        let index = max((frameRows.firstIndex { $0 > row } ?? frameRows.count) - 1, 0)
        return (index, table.rows[frameRows[index]].recordOffset)
    }
}

/// Reads blocks for one question, within its transaction. What is damaged is said once and left out.
struct LogBlockReader {
    private let core: LogCore
    private let database: Database
    private let asker: Asker
    /// The frames used last: neighbouring rows are in the same or the next one.
    private var frames: [(number: Int64, records: [UInt8])] = []

    init(core: LogCore, database: Database, asker: Asker) {
        self.core = core
        self.database = database
        self.asker = asker
    }

    /// Nil for a block that is damaged.
    func block(_ info: LogBlockInfo) throws(StorageError) -> StoredLogBlock? {
        if core.damage.isSetAside(info.number) { return nil }
        do {
            return try StoredLogBlock(info: info, bytes: try bytes(LogSchema.selectRows, info.number))
        } catch {
            guard case .damaged(let what) = error else { throw error }
            if isKept(info.number) { core.damage.setAside(info.number, because: what) }
            return nil
        }
    }

    /// Whether a block may have one of the tokens of each group. A filter that is damaged rules nothing out.
    func mayContain(
        _ groups: [[UInt64]], filter sql: String, ofBlock number: Int64
    ) throws(StorageError) -> Bool {
        let filter = try unlessDamaged(number) { () throws(StorageError) in
            guard let filter = LogFilter(stored: try bytes(sql, number)) else {
                throw StorageError.damaged("a filter")
            }
            return filter
        }
        guard let filter else { return true }
        return groups.allSatisfy { $0.contains { filter.mayContain($0) } }
    }

    func mayContain(_ needle: Needle, ofBlock number: Int64) throws(StorageError) -> Bool {
        guard needle.bytes.count >= 3 else { return true }
        let filter = try unlessDamaged(number) { () throws(StorageError) in
            let filter = try LogFrame.unpack(try bytes(LogSchema.selectTextFilter, number))
            guard filter.count == Trigrams.byteCount else { throw .damaged("a filter") }
            return filter
        }
        return Trigrams.mayContain(needle.bytes, in: filter ?? [])
    }

    /// The bytes of a row's record; nil when they are damaged.
    mutating func record(ofRow row: Int, in block: StoredLogBlock) throws(StorageError) -> [UInt8]? {
        let (index, frameOffset) = block.frame(ofRow: row)
        let number = LogSchema.frameNumber(block: block.info.number, index: index)
        if !frames.contains(where: { $0.number == number }) {
            guard
                let records = try unlessDamaged(
                    block.info.number,
                    { () throws(StorageError) in
                        try LogFrame.unpack(try bytes(LogSchema.selectFrame, number))
                    })
            else { return nil }
            if frames.count == 2 { frames.removeFirst() }
            frames.append((number, records))
        }
        guard let records = frames.first(where: { $0.number == number })?.records else { return nil }
        let entry = block.table.rows[row]
        let start = entry.recordOffset - frameOffset
        guard start >= 0, start + entry.recordLength <= records.count else {
            core.damage.note("log block \(block.info.number): a frame is too short")
            return nil
        }
        return Array(records[start..<start + entry.recordLength])
    }

    /// Says once what of a block is damaged, and gives nil.
    func unlessDamaged<T>(
        _ number: Int64, _ body: () throws(StorageError) -> T
    ) throws(StorageError) -> T? {
        do {
            return try body()
        } catch {
            guard case .damaged(let what) = error else { throw error }
            if isKept(number) { core.damage.note("log block \(number): \(what)") }
            return nil
        }
    }

    /// False for a block that was deleted since the question began.
    private func isKept(_ number: Int64) -> Bool { core.view.blocks.contains { $0.number == number } }

    private func bytes(_ sql: String, _ number: Int64) throws(StorageError) -> [UInt8] {
        try asker.requirePresence()
        do {
            let statement = try database.cachedStatement(sql: sql)
            guard let data = try Data.fetchOne(statement, arguments: [number]) else {
                throw StorageError.damaged("a part of block or frame \(number) is missing")
            }
            return [UInt8](data)
        } catch {
            throw StorageError(sqlite: error)
        }
    }
}

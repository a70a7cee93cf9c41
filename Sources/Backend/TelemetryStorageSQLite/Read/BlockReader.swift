// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Reads blocks for one question, within its transaction.
struct BlockReader {
    private let core: StoreCore
    private let database: Database
    /// The frames used last: neighbouring rows are in the same or the next one.
    private var frames: [(number: Int64, records: [UInt8])] = []

    init(core: StoreCore, database: Database) {
        self.core = core
        self.database = database
    }

    /// In which blocks a trace has spans, and how early they start there; oldest block first.
    func parts(of trace: TraceID) throws(StorageError) -> [(block: Int64, start: UInt64)] {
        do {
            let statement = try database.cachedStatement(sql: SQL.selectParts)
            var parts: [(Int64, UInt64)] = []
            let rows = try Row.fetchCursor(statement, arguments: [Data(trace.bytes)])
            while let row = try rows.next() { parts.append((row[0], UInt64(ordered: row[1]))) }
            return parts
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// Nil for a block that is damaged: the others have their answers without it.
    func block(_ number: Int64) throws(StorageError) -> StoredBlock? {
        if let block = core.cache.block(number) { return block }
        if core.damage.isSetAside(number) { return nil }
        do throws(StorageError) {
            let block = try StoredBlock(number: number, bytes: try bytes(SQL.selectRows, number))
            core.cache.keep(block)
            return block
        } catch {
            guard case .damaged(let what) = error else { throw error }
            core.damage.setAside(number, because: what)
            return nil
        }
    }

    /// Says once that something of a block cannot be read.
    func note(_ damage: String, ofBlock number: Int64) { core.damage.note("block \(number): \(damage)") }

    /// Nil when it is damaged: then it rules nothing out.
    func filter(ofBlock number: Int64) throws(StorageError) -> TokenFilter? {
        do throws(StorageError) {
            let filter = TokenFilter(bytes: try bytes(SQL.selectFilter, number))
            if filter == nil { note("the filter", ofBlock: number) }
            return filter
        } catch {
            guard case .damaged(let what) = error else { throw error }
            note(what, ofBlock: number)
            return nil
        }
    }

    /// A reader that stands at the record of a row.
    mutating func record(ofRow row: Int, in block: StoredBlock) throws(StorageError) -> ByteReader {
        let (index, frameOffset) = block.frame(ofRow: row)
        let records = try frame(StoreSchema.frameNumber(block: block.number, index: index))
        let offset = block.table.rows[row].recordOffset - frameOffset
        return ByteReader(records, from: offset, to: offset + block.table.rows[row].recordLength)
    }

    func operation(_ number: UInt32) throws(StorageError) -> OperationKey {
        if let key = core.withState({ $0.operations[number] }) { return key }
        // A commit is visible in the database a moment before it is in the state.
        do {
            let statement = try database.cachedStatement(sql: SQL.selectOperation)
            guard let row = try Row.fetchOne(statement, arguments: [Int64(number)]),
                let key = OperationKey(service: row[0], name: row[1], kind: row[2])
            else { throw StorageError.damaged("operation \(number) is missing") }
            return key
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    private mutating func frame(_ number: Int64) throws(StorageError) -> [UInt8] {
        if let known = frames.first(where: { $0.number == number }) { return known.records }
        let records: [UInt8]
        do throws(StorageError) {
            records = try Frame.unpack(try bytes(SQL.selectFrame, number))
        } catch {
            guard case .damaged(let what) = error else { throw error }
            throw .damaged("frame \(StoreSchema.index(ofFrame: number)), \(what)")
        }
        if frames.count == 2 { frames.removeFirst() }
        frames.append((number, records))
        return records
    }

    private func bytes(_ sql: String, _ number: Int64) throws(StorageError) -> [UInt8] {
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

extension OperationKey {
    /// From the columns of the operation table; nil for a kind that is none.
    init?(service: Data, name: Data, kind: Int32) {
        guard let kind = SpanKind(rawValue: kind) else { return nil }
        self.init(
            service: ExactText(String(decoding: service, as: UTF8.self)),
            name: ExactText(String(decoding: name, as: UTF8.self)), kind: kind)
    }
}

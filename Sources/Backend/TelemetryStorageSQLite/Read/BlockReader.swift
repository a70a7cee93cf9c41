// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Whether a block has spans of a trace.
enum TraceLookUp {
    case found(TracePart), absent
    /// The block is damaged, or was deleted.
    case unreadable
}

/// Reads sealed blocks for one question, within its transaction.
struct BlockReader {
    private let core: StoreCore
    private let database: Database
    private let asker: Asker
    /// By number. The question's own: to ask the state for each would be to wait, each time, for whoever decodes.
    private let operations: [OperationKey]
    /// The block whose spans were put together last: the next one is mostly of it too.
    private var open: OpenBlock?

    init(core: StoreCore, view: StoreCore.View, database: Database, asker: Asker) {
        self.core = core
        self.database = database
        self.asker = asker
        operations = view.operations
    }

    /// Nil for a block that is damaged: the others have their answers without it.
    func head(_ number: Int64) throws(StorageError) -> BlockHead? {
        try partOfBlock(number, SectionNumber.head) { () throws(StorageError) in
            .head(try sections(number).head())
        }.flatMap { if case .head(let head) = $0 { head } else { nil } }
    }

    /// Nil for a block that is damaged.
    func traces(_ number: Int64) throws(StorageError) -> StoredTraces? {
        guard let head = try head(number) else { return nil }
        return try partOfBlock(number, SectionNumber.traces) { () throws(StorageError) in
            .traces(try StoredTraces(head, sections(number).section(SectionNumber.traces)))
        }.flatMap { if case .traces(let traces) = $0 { traces } else { nil } }
    }

    /// Where a block has spans of `trace`. Most blocks that are asked have none, and are not worth keeping for it.
    func part(of trace: TraceID, inBlock number: Int64) throws(StorageError) -> TraceLookUp {
        guard let head = try head(number) else { return .unreadable }
        var isAbsent = false
        let part = try partOfBlock(number, SectionNumber.traces) { () throws(StorageError) in
            let bytes = try sections(number).section(SectionNumber.traces)
            isAbsent = try !StoredTraces.mayHave(trace, head, bytes)
            return isAbsent ? nil : .traces(try StoredTraces(head, bytes))
        }
        if isAbsent { return .absent }
        guard case .traces(let traces) = part else { return .unreadable }
        return traces.part(of: trace).map { .found($0) } ?? .absent
    }

    /// Nil for a block that is damaged.
    func codes(_ number: Int64) throws(StorageError) -> StoredCodes? {
        guard let head = try head(number) else { return nil }
        return try partOfBlock(number, SectionNumber.codes) { () throws(StorageError) in
            .codes(try StoredCodes(head, sections(number).section(SectionNumber.codes)))
        }.flatMap { if case .codes(let codes) = $0 { codes } else { nil } }
    }

    /// Nil for a block that is damaged.
    func block(_ number: Int64) throws(StorageError) -> StoredBlock? {
        guard let head = try head(number), let traces = try traces(number), let codes = try codes(number)
        else { return nil }
        return try partOfBlock(number, SectionNumber.times) { () throws(StorageError) in
            .block(try StoredBlock(head, traces, codes, sections(number).section))
        }.flatMap { if case .block(let block) = $0 { block } else { nil } }
    }

    /// Nil for a column that is damaged: spans are shown without what it held.
    ///
    /// What is not worth keeping goes to nobody else: a search looks into columns of all blocks, most in vain, and
    /// would push out what the next question needs.
    func column(
        _ slot: Int, of head: BlockHead, isWorthKeeping: (StoredColumn) -> Bool = { _ in true }
    ) throws(StorageError) -> StoredColumn? {
        let part = try part(head.number, SectionNumber.values(ofSlot: slot)) { bytes throws(StorageError) in
            let column = try StoredColumn(bytes, head.columns[slot])
            return (.column(column), isWorthKeeping(column))
        }
        return if case .column(let column) = part { column } else { nil }
    }

    /// Nil for a dictionary that is damaged. Kept as a column is.
    func dictionary(
        _ slot: Int, of head: BlockHead, isWorthKeeping: (StoredDictionary) -> Bool = { _ in true }
    ) throws(StorageError) -> StoredDictionary? {
        let part = try part(head.number, SectionNumber.dictionary(ofSlot: slot)) {
            bytes throws(StorageError) in
            let dictionary = try StoredDictionary(bytes, countMax: head.columns[slot].count)
            return (.dictionary(dictionary), isWorthKeeping(dictionary))
        }
        return if case .dictionary(let dictionary) = part { dictionary } else { nil }
    }

    /// Adds the values of a row to its span.
    mutating func addValues(
        of row: SpanRow, in block: StoredBlock, to builder: inout SpanBuilder
    ) throws(StorageError) {
        if open?.block !== block { open = OpenBlock(block) }
        guard var open else { return }
        // Put back below; two holders would copy its arrays for each span.
        self.open = nil
        defer { self.open = open }
        try open.addValues(of: row, from: self, to: &builder)
    }

    func operation(_ number: UInt32) throws(StorageError) -> OperationKey {
        if number < operations.count { return operations[Int(number)] }
        // A commit is visible in the database, and may be there before the question saw the state.
        do {
            let statement = try database.cachedStatement(sql: SQL.selectOperation)
            guard let row = try Row.fetchOne(statement, arguments: [Int64(number)]),
                let key = OperationKey(
                    service: try row.value(0), name: try row.value(1), kind: try row.value(2))
            else { throw StorageError.damaged("operation \(number) is missing") }
            return key
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// Says once that something of a block cannot be read.
    func note(_ damage: String, ofBlock number: Int64) { core.damage.note("block \(number): \(damage)") }

    /// False for a block that was deleted since the question began.
    func isKept(_ number: Int64) -> Bool {
        core.withState { $0.blocks.contains { $0.number == number } }
    }

    private func sections(_ block: Int64) -> SectionReader { SectionReader(database: database, block: block) }

    /// A part without which there is no block.
    private func partOfBlock(
        _ number: Int64, _ section: Int, _ read: () throws(StorageError) -> PartCache.Part?
    ) throws(StorageError) -> PartCache.Part? {
        try asker.requirePresence()
        if core.damage.isSetAside(number) { return nil }
        let row = StoreSchema.rowNumber(block: number, section: section)
        if let known = core.cache.part(row) { return known }
        do throws(StorageError) {
            let part = try read()
            if let part { core.cache.keep(part, row) }
            return part
        } catch {
            guard case .damaged(let what) = error else { throw error }
            if isKept(number) { core.damage.setAside(number, because: what) }
            return nil
        }
    }

    private func part(
        _ number: Int64, _ section: Int,
        _ read: ([UInt8]) throws(StorageError) -> (part: PartCache.Part, isWorthKeeping: Bool)
    ) throws(StorageError) -> PartCache.Part? {
        try asker.requirePresence()
        let row = StoreSchema.rowNumber(block: number, section: section)
        if let known = core.cache.part(row) { return known }
        do throws(StorageError) {
            let (part, isWorthKeeping) = try read(try sections(number).section(section))
            if isWorthKeeping { core.cache.keep(part, row) }
            return part
        } catch {
            guard case .damaged(let what) = error else { throw error }
            if isKept(number) { note(what, ofBlock: number) }
            return nil
        }
    }
}

/// A block whose spans are put together, with the columns that were needed so far.
private struct OpenBlock {
    private struct Values {
        /// Nil for what is damaged.
        var column: StoredColumn?
        var dictionary: StoredDictionary?
        var newEntries = StoredColumn.NewEntries()
    }

    let block: StoredBlock
    private var cursor: ColumnCursor
    /// By slot.
    private var columns: [Values?]
    /// By slot the values of the row that were taken already: events repeat slots.
    private var taken: [Int]

    init(_ block: StoredBlock) {
        self.block = block
        cursor = ColumnCursor(block)
        columns = Array(repeating: nil, count: block.head.columns.count)
        taken = Array(repeating: 0, count: block.head.columns.count)
    }

    mutating func addValues(
        of row: SpanRow, from reader: BlockReader, to builder: inout SpanBuilder
    ) throws(StorageError) {
        cursor.move(to: row.place)
        let shape = block.head.shapes[Int(block.shapes[row.place])]
        for slot in shape { taken[slot] = 0 }
        for slot in shape {
            let about = block.head.columns[slot]
            guard about.slot.hasValue else {
                try builder.add(about.slot, key: about.key, 0, [])
                continue
            }
            let position = cursor.positions[slot] + taken[slot]
            taken[slot] += 1
            var values = try values(ofSlot: slot, from: reader)
            guard let column = values.column, position < column.count else { continue }
            let value = column.value(position, &values.newEntries)
            columns[slot]?.newEntries = values.newEntries
            if about.slot.isDictionary {
                guard let dictionary = values.dictionary, value < UInt64(dictionary.count) else { continue }
                try builder.add(about.slot, key: about.key, 0, dictionary.entry(Int(value)))
            } else {
                let isNearStart = about.slot.place == .eventTime
                try builder.add(about.slot, key: about.key, isNearStart ? value &+ row.start : value, [])
            }
        }
    }

    private mutating func values(
        ofSlot slot: Int, from reader: BlockReader
    ) throws(StorageError) -> Values {
        if let known = columns[slot] { return known }
        let values = Values(
            column: try reader.column(slot, of: block.head),
            dictionary: block.head.columns[slot].slot.isDictionary
                ? try reader.dictionary(slot, of: block.head) : nil)
        columns[slot] = values
        return values
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

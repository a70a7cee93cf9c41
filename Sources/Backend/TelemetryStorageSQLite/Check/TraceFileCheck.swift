// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Reads every part of the file of traces.
struct TraceFileCheck {
    let database: Database
    let file: String

    func run(
        _ report: inout StoreCheck.Report, _ progress: (StoreCheck.Progress) -> Void
    ) throws(StorageError) {
        do {
            let operations = try operations(&report)
            let numbers = try Int64.fetchAll(database, sql: "SELECT number FROM block ORDER BY number")
            for (index, number) in numbers.enumerated() {
                progress(StoreCheck.Progress(file: file, done: index, count: numbers.count))
                do {
                    report.spanCount += try block(number, operations: operations)
                    report.blockCount += 1
                } catch StorageError.damaged(let what) {
                    report.findings.append(.init(file: file, block: number, what: what))
                }
            }
            report.findings += try BlockOrphans(
                database: database, file: file,
                tables: [
                    .init(name: "section", block: "number >> 20", what: "sections"),
                    .init(name: "stored", block: "block", what: "a time of storing"),
                ]
            ).findings()
            try journal(&report)
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// How many there are.
    private func operations(_ report: inout StoreCheck.Report) throws -> Int {
        var table = OperationTable()
        var count = 0
        let rows = try Row.fetchCursor(database, sql: SQL.selectOperations)
        while let row = try rows.next() {
            let number = try row.value(0, as: Int64.self)
            do {
                try table.load(try OperationKey(row), at: number)
                if number != count { throw StorageError.damaged("those before it are missing") }
            } catch StorageError.damaged(let what) {
                report.findings.append(.init(file: file, what: "operation \(number): \(what)"))
                table.loadDamaged(at: number)
            }
            count = table.keys.count
        }
        return count
    }

    /// Reads every section of a block and compares it with its info, its filter and its count; gives its spans.
    private func block(_ number: Int64, operations: Int) throws -> Int {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT info, filter FROM block WHERE number = ?", arguments: [number])
        else { throw StorageError.damaged("its row is missing") }
        let info = try BlockInfo(
            number: number, info: [UInt8](try row.value(0, as: Data.self)),
            filter: [UInt8](try row.value(1, as: Data.self)))
        let sections = SectionReader(database: database, block: number)
        let block = try sections.storedBlock()
        let table = try block.table()
        guard BlockInfo(table).agrees(with: info) else {
            throw StorageError.damaged("its info is not that of its rows")
        }
        guard table.parts.allSatisfy({ info.filter.mayContain($0.id) }) else {
            throw StorageError.damaged("its filter misses a trace")
        }
        guard table.rows.allSatisfy({ Int($0.operation) < operations }) else {
            throw StorageError.damaged("an operation that is not in the list")
        }
        for (slot, about) in block.head.columns.enumerated() where about.slot.hasValue {
            let column = try StoredColumn(
                try sections.section(SectionNumber.values(ofSlot: slot)), block.head.columns[slot])
            guard about.slot.isDictionary else { continue }
            let dictionary = try StoredDictionary(
                try sections.section(SectionNumber.dictionary(ofSlot: slot)), countMax: about.count)
            try dictionary.validate()
            guard column.values.allSatisfy({ $0 < UInt64(dictionary.count) }) else {
                throw StorageError.damaged("column \(slot) has values that its dictionary has not")
            }
        }
        let count = table.rows.count
        try StoredTable.check(database, block: number, count: count, of: "spans")
        return count
    }

    private func journal(_ report: inout StoreCheck.Report) throws {
        let rows = try Row.fetchCursor(database, sql: SQL.selectJournal)
        while let row = try rows.next() {
            let number = try row.value(0, as: Int64.self)
            do {
                var active = ActiveBlock()
                try Section.unpack([UInt8](try row.value(1, as: Data.self))).withRawBytes {
                    (bytes) throws(StorageError) in
                    try active.append(bytes)
                }
                report.spanCount += active.rows.count
            } catch StorageError.damaged(let what) {
                report.findings.append(.init(file: file, what: "journal, row \(number): \(what)"))
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel
import TelemetryStorage

/// Reads every part of the file of logs.
struct LogFileCheck {
    let database: Database
    let file: String

    func run(
        _ report: inout StoreCheck.Report, _ progress: (StoreCheck.Progress) -> Void
    ) throws(StorageError) {
        do {
            let numbers = try Int64.fetchAll(database, sql: "SELECT number FROM block ORDER BY number")
            for (index, number) in numbers.enumerated() {
                progress(StoreCheck.Progress(file: file, done: index, count: numbers.count))
                do {
                    report.logRecordCount += try block(number)
                    report.logBlockCount += 1
                } catch StorageError.damaged(let what) {
                    report.findings.append(.init(file: file, block: number, what: what))
                }
            }
            report.findings += try BlockOrphans(
                database: database, file: file,
                tables: [
                    .init(name: "block_rows", block: "block", what: "rows"),
                    .init(name: "trace_filter", block: "block", what: "a filter of traces"),
                    .init(name: "attribute_filter", block: "block", what: "a filter of attributes"),
                    .init(name: "text_filter", block: "block", what: "a filter of text"),
                    .init(name: "frame", block: "number >> 20", what: "frames"),
                    .init(name: "stored", block: "block", what: "a time of storing"),
                ]
            ).findings()
            try journal(&report)
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// Reads every part of a block and compares it with its info, its filters and its count; gives its records.
    private func block(_ number: Int64) throws -> Int {
        let info = try LogBlockInfo(
            number: number, bytes: try bytes("SELECT info FROM block WHERE number = ?", number, "its info"))
        let block = try StoredLogBlock(
            info: info, bytes: try bytes(LogSchema.selectRows, number, "its rows"))
        guard info.agrees(with: LogBlockInfo(number: number, first: info.first, table: block.table)) else {
            throw StorageError.damaged("its info is not that of its rows")
        }
        let traces = try filter(LogSchema.selectTraceFilter, number, "its filter of traces")
        let attributes = try filter(LogSchema.selectAttributeFilter, number, "its filter of attributes")
        let text = try LogFrame.unpack(
            try bytes(LogSchema.selectTextFilter, number, "its filter of text"))
        guard text.count == Trigrams.byteCount else { throw StorageError.damaged("its filter of text") }
        guard
            block.table.rows.allSatisfy({
                !$0.trace.isValid || traces.mayContain(LogToken.token(of: $0.trace))
            })
        else { throw StorageError.damaged("its filter misses a trace") }
        guard block.table.origins.allSatisfy({ $0.attributeTokens.allSatisfy(attributes.mayContain) }) else {
            throw StorageError.damaged("its filter misses an attribute")
        }
        try forEachRecord(of: block) { record in
            for attribute in record.attributes {
                guard let token = LogToken.token(key: attribute.key, value: attribute.value) else { continue }
                guard attributes.mayContain(token) else {
                    throw StorageError.damaged("its filter misses an attribute")
                }
            }
            guard Trigrams.mayContain(Needle(record.bodyText).bytes, in: text) else {
                throw StorageError.damaged("its filter misses a text")
            }
        }
        try StoredTable.check(database, block: number, count: info.count, of: "records")
        return block.table.rows.count
    }

    private func forEachRecord(of block: StoredLogBlock, _ body: (LogRecord) throws -> Void) throws {
        var frame = (index: -1, records: [UInt8]())
        for (index, row) in block.table.rows.enumerated() {
            let (wanted, offset) = block.frame(ofRow: index)
            if wanted != frame.index {
                let place = LogSchema.frameNumber(block: block.info.number, index: wanted)
                frame = (
                    wanted, try LogFrame.unpack(try bytes(LogSchema.selectFrame, place, "frame \(wanted)"))
                )
            }
            let start = row.recordOffset - offset
            guard start >= 0, start + row.recordLength <= frame.records.count else {
                throw StorageError.damaged("frame \(wanted) is too short")
            }
            try body(try row.record(from: Array(frame.records[start..<start + row.recordLength])))
        }
    }

    private func filter(_ sql: String, _ number: Int64, _ what: String) throws -> LogFilter {
        guard let filter = LogFilter(stored: try bytes(sql, number, what)) else {
            throw StorageError.damaged(what)
        }
        return filter
    }

    private func bytes(_ sql: String, _ number: Int64, _ what: String) throws -> [UInt8] {
        guard let data = try Data.fetchOne(database, sql: sql, arguments: [number]) else {
            throw StorageError.damaged("\(what) is missing")
        }
        return [UInt8](data)
    }

    private func journal(_ report: inout StoreCheck.Report) throws {
        let rows = try Row.fetchCursor(database, sql: LogSchema.selectJournal)
        while let row = try rows.next() {
            let number = try row.value(0, as: Int64.self)
            do {
                report.logRecordCount +=
                    try LogSegment(bytes: [UInt8](try row.value(1, as: Data.self))).recordCount
            } catch StorageError.damaged(let what) {
                report.findings.append(.init(file: file, what: "journal, row \(number): \(what)"))
            }
        }
    }
}

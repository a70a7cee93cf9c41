// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
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
            try journal(&report)
        } catch {
            throw StorageError(sqlite: error)
        }
    }

    /// Reads every part of a block; gives its records.
    private func block(_ number: Int64) throws -> Int {
        let info = try LogBlockInfo(
            number: number, bytes: try bytes("SELECT info FROM block WHERE number = ?", number, "its info"))
        let block = try StoredLogBlock(
            info: info, bytes: try bytes(LogSchema.selectRows, number, "its rows"))
        for (sql, what) in [
            (LogSchema.selectTraceFilter, "its filter of traces"),
            (LogSchema.selectAttributeFilter, "its filter of attributes"),
        ] {
            guard LogFilter(bytes: try bytes(sql, number, what)) != nil else {
                throw StorageError.damaged(what)
            }
        }
        _ = try LogFrame.unpack(try bytes(LogSchema.selectTextFilter, number, "its filter of text"))
        var frame = (index: -1, records: [UInt8]())
        for (index, row) in block.table.rows.enumerated() {
            let (wanted, offset) = block.frame(ofRow: index)
            if wanted != frame.index {
                let place = LogSchema.frameNumber(block: number, index: wanted)
                frame = (
                    wanted, try LogFrame.unpack(try bytes(LogSchema.selectFrame, place, "frame \(wanted)"))
                )
            }
            let start = row.recordOffset - offset
            guard start >= 0, start + row.recordLength <= frame.records.count else {
                throw StorageError.damaged("frame \(wanted) is too short")
            }
            _ = try row.record(from: Array(frame.records[start..<start + row.recordLength]))
        }
        return block.table.rows.count
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

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel

/// Writes blocks within the transaction of the caller.
struct BlockWriter {
    let database: Database
    /// The infos of all blocks written, with the final starts of their traces.
    private(set) var infos: [BlockInfo] = []
    /// Older blocks that have a trace of which an earlier span came now: their new
    /// `traceStartMin`.
    private(set) var traceStarts: [Int64: UInt64] = [:]

    init(_ database: Database) { self.database = database }

    mutating func write(_ block: NewBlock, number: Int64) throws {
        var info = block.info
        info.number = number
        for part in block.table.parts {
            info.traceStartMin = min(info.traceStartMin, try join(part))
            try run(SQL.insertPart, [Data(part.id.bytes), number, part.start.ordered])
        }
        try run(SQL.insertBlock, [number, info.traceStartMin.ordered, Data(info.bytes)])
        try run(SQL.insertRows, [number, Data(block.rowBytes)])
        try run(SQL.insertFilter, [number, Data(block.filter)])
        for (index, frame) in block.frames.enumerated() {
            try run(
                SQL.insertFrame, [StoreSchema.frameNumber(block: number, index: index), Data(frame)])
        }
        infos.append(info)
    }

    /// Writes the `traceStartMin`s that sank.
    func writeTraceStarts() throws {
        for (number, traceStartMin) in traceStarts {
            try run(SQL.updateTraceStartMin, [traceStartMin.ordered, number])
        }
    }

    /// The start of a trace over all blocks that have a part of it, this one included; lowers the others'
    /// `traceStartMin`.
    private mutating func join(_ part: TracePart) throws -> UInt64 {
        let statement = try database.cachedStatement(sql: SQL.selectParts)
        let rows = try Row.fetchCursor(statement, arguments: [Data(part.id.bytes)])
        var earlier: [Int64] = []
        var start = part.start
        while let row = try rows.next() {
            earlier.append(row[0])
            start = min(start, UInt64(ordered: row[1]))
        }
        for number in earlier {
            traceStarts[number] = min(traceStarts[number] ?? .max, start)
            if let index = infos.firstIndex(where: { $0.number == number }) {
                infos[index].traceStartMin = min(infos[index].traceStartMin, start)
            }
        }
        return start
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

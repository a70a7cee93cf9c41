// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryModel

/// Writes blocks within the transaction of the caller.
struct BlockWriter {
    let database: Database
    /// The infos of all blocks written, with their final floors.
    private(set) var infos: [BlockInfo] = []
    /// Older blocks that have a trace of which an earlier span came now: their new floors.
    private(set) var floors: [Int64: UInt64] = [:]

    init(_ database: Database) { self.database = database }

    mutating func write(_ block: NewBlock, number: Int64) throws {
        var info = block.info
        info.number = number
        for group in block.table.groups {
            info.floor = min(info.floor, try join(group))
            try run(SQL.insertPart, [Data(group.id.bytes), number, group.start.ordered])
        }
        try run(SQL.insertBlock, [number, info.floor.ordered, Data(info.bytes)])
        try run(SQL.insertRows, [number, Data(block.rowBytes)])
        try run(SQL.insertFilter, [number, Data(block.filter)])
        for (index, frame) in block.frames.enumerated() {
            try run(
                SQL.insertFrame, [StoreSchema.frameNumber(block: number, index: index), Data(frame)])
        }
        infos.append(info)
    }

    /// Writes the floors that sank.
    func writeFloors() throws {
        for (number, floor) in floors { try run(SQL.updateFloor, [floor.ordered, number]) }
    }

    /// The start of a trace over all blocks that have a part of it, this one included; lowers the others'
    /// floors.
    private mutating func join(_ group: TraceGroup) throws -> UInt64 {
        let statement = try database.cachedStatement(sql: SQL.selectParts)
        let parts = try Row.fetchCursor(statement, arguments: [Data(group.id.bytes)])
        var earlier: [Int64] = []
        var start = group.start
        while let part = try parts.next() {
            earlier.append(part[0])
            start = min(start, UInt64(ordered: part[1]))
        }
        for number in earlier {
            floors[number] = min(floors[number] ?? .max, start)
            if let index = infos.firstIndex(where: { $0.number == number }) {
                infos[index].floor = min(infos[index].floor, start)
            }
        }
        return start
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

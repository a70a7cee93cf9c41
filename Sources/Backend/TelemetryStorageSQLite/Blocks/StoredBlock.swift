// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// The rows of a block as they are read back. Its records stay in their frames.
final class StoredBlock: Sendable {
    let number: Int64
    let table: SpanTable
    let origins: OriginTable
    /// First row of each frame.
    let frameRows: [Int]
    /// About what the value takes in memory.
    let byteCount: Int

    init(number: Int64, bytes: [UInt8]) throws(StorageError) {
        self.number = number
        var input = ByteReader(bytes)
        let origins = try OriginTable(from: &input)
        var frameRows: [Int] = []
        for _ in 0..<(try input.count()) { frameRows.append(Int(try input.varint32())) }
        let table = try SpanTable(from: &input)
        guard table.rows.isEmpty || frameRows.first == 0,
            frameRows.allSatisfy({ $0 < table.rows.count }),
            table.rows.allSatisfy({ Int($0.origin) < origins.origins.count })
        else { throw .damaged("block \(number) does not fit together") }
        self.origins = origins
        self.frameRows = frameRows
        self.table = table
        byteCount =
            table.rows.count * MemoryLayout<SpanRow>.stride
            + table.parts.count * MemoryLayout<TracePart>.stride
            // Attributes in memory are a few times their bytes in the block.
            + origins.byteCount * 4
    }

    static func bytes(table: SpanTable, origins: OriginTable, frameRows: [Int]) -> [UInt8] {
        var out = ByteWriter()
        out.reserve(table.rows.count * 24 + origins.byteCount)
        origins.write(to: &out)
        out.varint(frameRows.count)
        for row in frameRows { out.varint(row) }
        table.write(to: &out)
        return out.bytes
    }

    /// The frame with the record of a row, and where the frame begins in all records of the block.
    func frame(ofRow row: Int) -> (index: Int, recordOffset: Int) {
        var low = 0
        var high = frameRows.count
        while low < high {
            let middle = (low + high) / 2
            if frameRows[middle] <= row { low = middle + 1 } else { high = middle }
        }
        return (low - 1, table.rows[frameRows[low - 1]].recordOffset)
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// The rows of a sealed block as they are read back. Their values stay in their columns until asked for.
final class StoredBlock: Sendable {
    let head: BlockHead
    let table: SpanTable
    /// By row.
    let shapes: [UInt32]
    /// About what the value takes in memory.
    let byteCount: Int

    init(_ head: BlockHead, _ section: (Int) throws(StorageError) -> [UInt8]) throws(StorageError) {
        self.head = head
        (table, shapes) = try SpanTable.read(head, section)
        byteCount =
            table.rows.count * (MemoryLayout<SpanRow>.stride + 4)
            + table.parts.count * MemoryLayout<TracePart>.stride
    }

    var number: Int64 { head.number }
}

/// The values of one slot of a sealed block: numbers, or numbers of its dictionary.
final class StoredColumn: Sendable {
    let values: [UInt64]

    init(_ bytes: [UInt8], _ column: BlockHead.Column) throws(StorageError) {
        var input = ByteReader(bytes)
        values =
            switch column.slot.kind {
            case .string, .bytes, .complex: try CodeColumn.read(from: &input, countMax: column.count)
            case .double: try DoubleColumn.read(from: &input, countMax: column.count)
            case .int, .bool, .none: try NumberColumn.read(from: &input, countMax: column.count)
            }
        guard values.count == column.count else { throw .damaged("a column is too short") }
    }

    var byteCount: Int { values.count * 8 }
}

/// Goes through the values of a sealed block's rows: where in each column those of a row begin.
struct ColumnCursor {
    /// The row at which it stands.
    private(set) var row = 0
    /// By slot the values before that row.
    private(set) var positions: [Int]
    private let head: BlockHead
    private let shapes: [UInt32]

    init(_ block: StoredBlock) {
        head = block.head
        shapes = block.shapes
        positions = Array(repeating: 0, count: block.head.columns.count)
    }

    /// Moves to a row. On to a later one costs a step for each between, back to an earlier one all from the
    /// first on.
    mutating func move(to wanted: Int) {
        if wanted < row {
            row = 0
            positions = Array(repeating: 0, count: positions.count)
        }
        guard wanted > row else { return }
        var counts = [Int](repeating: 0, count: head.shapes.count)
        for shape in shapes[row..<min(wanted, shapes.count)] { counts[Int(shape)] += 1 }
        for (shape, count) in counts.enumerated() where count > 0 {
            for slot in head.shapes[shape] { positions[slot] += count }
        }
        row = wanted
    }
}

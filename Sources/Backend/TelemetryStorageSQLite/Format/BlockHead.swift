// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// What a block has, without the spans themselves: slots, shapes, operations, resources and scopes.
final class BlockHead: Sendable {
    /// A slot and what is known of its column.
    struct Column: Sendable {
        var slot: Slot
        var key: String
        /// Values, which are more than spans where events repeat them.
        var count: Int
        /// Of a column of integers.
        var range: ClosedRange<Int64>?

        init(slot: Slot, count: Int, range: ClosedRange<Int64>?) {
            self.slot = slot
            self.count = count
            self.range = range
            key = String(decoding: slot.key, as: UTF8.self)
        }
    }

    /// What a block never has. A damaged head cannot ask for more memory.
    private static let rowsMax = 1 << 22
    fileprivate static let valuesMax = 1 << 26

    let number: Int64
    let rowCount: Int
    let columns: [Column]
    /// By shape its slots, in order.
    let shapes: [[Int]]
    /// The store's numbers of the block's operations.
    let operations: [UInt32]
    let origins: OriginTable
    /// About what it takes in memory.
    let byteCount: Int

    static func write(
        rowCount: Int, columns: [Column], shapes: [[Int]], operations: [UInt32], origins: OriginTable
    ) -> [UInt8] {
        var out = ByteWriter()
        out.varint(rowCount)
        out.varint(columns.count)
        for column in columns {
            out.byte(column.slot.place.rawValue)
            out.byte(column.slot.kind.rawValue)
            out.data(column.slot.key)
            out.varint(column.count)
            out.byte(column.range == nil ? 0 : 1)
            if let range = column.range {
                out.zigzag(range.lowerBound)
                out.zigzag(range.upperBound)
            }
        }
        out.varint(shapes.count)
        for shape in shapes {
            out.varint(shape.count)
            for slot in shape { out.varint(slot) }
        }
        out.varint(operations.count)
        for operation in operations { out.varint(operation) }
        origins.write(to: &out)
        return out.bytes
    }

    init(number: Int64, bytes: [UInt8]) throws(StorageError) {
        self.number = number
        var input = ByteReader(bytes)
        rowCount = Int(try input.varint32())
        guard rowCount <= BlockHead.rowsMax else { throw .damaged("the number of rows") }
        var columns: [Column] = []
        for _ in 0..<(try input.count()) { columns.append(try Column(from: &input)) }
        var shapes: [[Int]] = []
        var slotCount = 0
        for _ in 0..<(try input.count()) {
            var shape: [Int] = []
            for _ in 0..<(try input.count()) {
                guard let slot = Int(exactly: try input.varint()), slot < columns.count else {
                    throw .damaged("a shape")
                }
                shape.append(slot)
            }
            slotCount += shape.count
            shapes.append(shape)
        }
        var operations: [UInt32] = []
        for _ in 0..<(try input.count()) { operations.append(try input.varint32()) }
        self.columns = columns
        self.shapes = shapes
        self.operations = operations
        origins = try OriginTable(from: &input)
        byteCount =
            columns.count * 96 + slotCount * 8 + shapes.count * 40 + operations.count * 4
            // Attributes in memory are a few times their bytes in the block.
            + origins.byteCount * 4
    }
}

extension BlockHead.Column {
    fileprivate init(from input: inout ByteReader) throws(StorageError) {
        guard let place = Slot.Place(rawValue: try input.byte()),
            let kind = Slot.Kind(rawValue: try input.byte())
        else { throw .damaged("an unknown slot") }
        let key = try input.data()
        let count = Int(try input.varint32())
        guard count <= BlockHead.valuesMax else { throw .damaged("the length of a column") }
        var range: ClosedRange<Int64>?
        if try input.byte() == 1 {
            let (least, most) = (try input.zigzag(), try input.zigzag())
            guard least <= most else { throw .damaged("the range of a column") }
            range = least...most
        }
        self.init(slot: Slot(place: place, kind: kind, key: key), count: count, range: range)
    }
}

/// The numbers of a block's sections.
enum SectionNumber {
    static let head = 0
    static let traces = 1
    static let times = 2
    static let spanIDs = 3
    static let parents = 4
    static let codes = 5

    static func values(ofSlot slot: Int) -> Int { 16 + 2 * slot }
    static func dictionary(ofSlot slot: Int) -> Int { 17 + 2 * slot }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The byte form of a ``SpanTable``: per trace its id, start and row count, per row about 17 bytes, of
/// which the span id takes eight.
///
/// All differences wrap, so that every 64-bit time survives.
extension SpanTable {
    func write(to out: inout ByteWriter) {
        out.varint(parts.count)
        let base = parts.first?.start ?? 0
        out.fixed64(base)
        for part in parts {
            out.fixed64(part.id.high)
            out.fixed64(part.id.low)
            out.varint(part.rows.count)
            out.zigzag(Int64(bitPattern: part.start &- base))
            let positions = ParentPositions(rows[part.rows])
            for row in rows[part.rows] {
                out.varint(UInt64(row.operation) << 2 | UInt64(row.status.rawValue))
                out.varint(row.origin)
                out.varint(row.start &- part.start)
                out.zigzag(Int64(bitPattern: row.end &- row.start))
                out.fixed64(row.spanID)
                if row.parentSpanID == 0 {
                    out.varint(0 as UInt64)
                } else if let position = positions[row.parentSpanID] {
                    out.varint(position + 2)
                } else {
                    out.varint(1 as UInt64)
                    out.fixed64(row.parentSpanID)
                }
                out.varint(row.recordLength)
            }
        }
    }

    init(from input: inout ByteReader) throws(StorageError) {
        self.init()
        let partCount = try input.count()
        parts.reserveCapacity(partCount)
        let base = try input.fixed64()
        var recordOffset = 0
        for _ in 0..<partCount {
            let id = TraceID(high: try input.fixed64(), low: try input.fixed64())
            let rowCount = try input.count()
            let start = base &+ UInt64(bitPattern: try input.zigzag())
            let first = rows.count
            var parents: [(row: Int, position: Int)] = []
            for index in first..<first + rowCount {
                var row = try SpanRow(from: &input, partStart: start, recordOffset: recordOffset)
                let parent = try input.varint()
                if parent == 1 {
                    row.parentSpanID = try input.fixed64()
                } else if parent > 1 {
                    guard parent - 2 < UInt64(rowCount) else {
                        throw .damaged("a parent outside of its trace")
                    }
                    parents.append((index, first + Int(parent - 2)))
                }
                row.recordLength = Int(try input.varint32())
                recordOffset += row.recordLength
                rows.append(row)
            }
            for parent in parents { rows[parent.row].parentSpanID = rows[parent.position].spanID }
            parts.append(TracePart(id: id, rows: first..<rows.count, start: start))
        }
    }
}

extension SpanRow {
    /// Reads a row up to its span id.
    fileprivate init(
        from input: inout ByteReader, partStart: UInt64, recordOffset: Int
    ) throws(StorageError) {
        let operationAndStatus = try input.varint()
        guard let status = SpanStatus.Code(rawValue: Int32(operationAndStatus & 3)),
            let operation = UInt32(exactly: operationAndStatus >> 2)
        else { throw .damaged("an unknown status") }
        let origin = try input.varint32()
        let start = partStart &+ (try input.varint())
        let end = start &+ UInt64(bitPattern: try input.zigzag())
        self.init(
            operation: operation, origin: origin, status: status, start: start, end: end,
            spanID: try input.fixed64(), parentSpanID: 0, recordOffset: recordOffset, recordLength: 0)
    }
}

/// Where the spans of one trace stand, by span id; a parent is then one or two bytes instead of eight.
private struct ParentPositions {
    /// Rows up to this number are searched one by one: cheaper than making a dictionary.
    private static let linearMax = 32

    private let rows: ArraySlice<SpanRow>
    private let positions: [UInt64: Int]

    init(_ rows: ArraySlice<SpanRow>) {
        self.rows = rows
        positions =
            rows.count <= Self.linearMax
            ? [:]
            : Dictionary(
                zip(rows.lazy.map(\.spanID), 0...), uniquingKeysWith: { first, _ in first })
    }

    subscript(spanID: UInt64) -> Int? {
        guard rows.count <= Self.linearMax else { return positions[spanID] }
        return rows.firstIndex { $0.spanID == spanID }.map { $0 - rows.startIndex }
    }
}

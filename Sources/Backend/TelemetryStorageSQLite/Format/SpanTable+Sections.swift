// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The columns that every span has. All differences wrap, so that every 64-bit time survives.
extension SpanTable {
    /// Sections by number; `shapes` and `operations` are the block's own numbers by row.
    func sections(
        shapes: [UInt64], operations: [UInt64]
    ) throws(StorageError) -> [(number: Int, bytes: [UInt8])] {
        var traces = SectionWriter()
        try NumberColumn.write(parts.map(\.id.high), to: &traces)
        try NumberColumn.write(parts.map(\.id.low), to: &traces)
        try NumberColumn.write(parts.map { UInt64($0.rows.count) }, to: &traces)
        var before: UInt64 = 0
        let partStarts = parts.map { part in
            defer { before = part.start }
            return part.start &- before
        }
        try NumberColumn.write(partStarts, to: &traces)

        var starts: [UInt64] = []
        var parents: [UInt64] = []
        var external: [UInt64] = []
        for part in parts {
            let positions = ParentPositions(rows[part.rows])
            for row in rows[part.rows] {
                starts.append(row.start &- part.start)
                if row.parentSpanID == 0 {
                    parents.append(0)
                } else if let position = positions[row.parentSpanID] {
                    parents.append(UInt64(position) + 2)
                } else {
                    parents.append(1)
                    external.append(row.parentSpanID)
                }
            }
        }
        var times = SectionWriter()
        try NumberColumn.write(starts, to: &times)
        try NumberColumn.write(rows.map { $0.end &- $0.start }, to: &times)
        var spanIDs = SectionWriter()
        try NumberColumn.write(rows.map(\.spanID), to: &spanIDs)
        var parentSection = SectionWriter()
        try NumberColumn.write(parents, to: &parentSection)
        try NumberColumn.write(external, to: &parentSection)
        var codes = SectionWriter()
        try NumberColumn.write(operations, to: &codes)
        try NumberColumn.write(
            rows.map { UInt64(truncatingIfNeeded: $0.status.rawValue) }, to: &codes)
        try NumberColumn.write(rows.map { UInt64($0.origin) }, to: &codes)
        try NumberColumn.write(shapes, to: &codes)
        return [
            (SectionNumber.traces, traces.bytes), (SectionNumber.times, times.bytes),
            (SectionNumber.spanIDs, spanIDs.bytes), (SectionNumber.parents, parentSection.bytes),
            (SectionNumber.codes, codes.bytes),
        ]
    }

    /// Puts the table together again; `section` gives what a section holds. Also the shape of each row.
    static func read(
        _ head: BlockHead, _ section: (Int) throws(StorageError) -> [UInt8]
    ) throws(StorageError) -> (table: SpanTable, shapes: [UInt32]) {
        let count = head.rowCount
        var traces = ByteReader(try section(SectionNumber.traces))
        let highs = try NumberColumn.read(from: &traces, countMax: count)
        let lows = try NumberColumn.read(from: &traces, countMax: count)
        let sizes = try NumberColumn.read(from: &traces, countMax: count)
        let partStarts = try NumberColumn.read(from: &traces, countMax: count)
        var times = ByteReader(try section(SectionNumber.times))
        let starts = try NumberColumn.read(from: &times, countMax: count)
        let durations = try NumberColumn.read(from: &times, countMax: count)
        var ids = ByteReader(try section(SectionNumber.spanIDs))
        let spanIDs = try NumberColumn.read(from: &ids, countMax: count)
        var parentInput = ByteReader(try section(SectionNumber.parents))
        let parents = try NumberColumn.read(from: &parentInput, countMax: count)
        let external = try NumberColumn.read(from: &parentInput, countMax: count)
        var codes = ByteReader(try section(SectionNumber.codes))
        let operations = try NumberColumn.read(from: &codes, countMax: count)
        let statuses = try NumberColumn.read(from: &codes, countMax: count)
        let origins = try NumberColumn.read(from: &codes, countMax: count)
        let shapes = try NumberColumn.read(from: &codes, countMax: count)
        guard
            [starts, durations, spanIDs, parents, operations, statuses, origins, shapes]
                .allSatisfy({ $0.count == count }),
            highs.count == lows.count, highs.count == sizes.count, highs.count == partStarts.count,
            sizes.allSatisfy({ $0 > 0 && $0 <= UInt64(count) }),
            sizes.reduce(0, { $0 &+ $1 }) == UInt64(count),
            operations.allSatisfy({ $0 < UInt64(head.operations.count) }),
            origins.allSatisfy({ $0 < UInt64(head.origins.origins.count) }),
            shapes.allSatisfy({ $0 < UInt64(head.shapes.count) }), statuses.allSatisfy({ $0 < 3 }),
            parents.count(where: { $0 == 1 }) == external.count
        else { throw .damaged("columns do not fit together") }
        var table = SpanTable()
        table.rows.reserveCapacity(count)
        table.parts.reserveCapacity(sizes.count)
        var nextExternal = 0
        var partStart: UInt64 = 0
        for index in sizes.indices {
            let first = table.rows.count
            let rows = first..<first + Int(sizes[index])
            partStart &+= partStarts[index]
            for row in rows {
                var parent: UInt64 = 0
                if parents[row] == 1 {
                    parent = external[nextExternal]
                    nextExternal += 1
                } else if parents[row] > 1 {
                    guard parents[row] - 2 < UInt64(rows.count) else {
                        throw .damaged("a parent outside of its trace")
                    }
                    parent = spanIDs[first + Int(parents[row] - 2)]
                }
                let start = partStart &+ starts[row]
                table.rows.append(
                    SpanRow(
                        operation: head.operations[Int(operations[row])], origin: UInt32(origins[row]),
                        status: SpanStatus.Code(rawValue: Int32(statuses[row])) ?? .unset, start: start,
                        end: start &+ durations[row], spanID: spanIDs[row], parentSpanID: parent, place: row))
            }
            table.parts.append(
                TracePart(
                    id: TraceID(high: highs[index], low: lows[index]), rows: rows, start: partStart))
        }
        return (table, shapes.map { UInt32($0) })
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

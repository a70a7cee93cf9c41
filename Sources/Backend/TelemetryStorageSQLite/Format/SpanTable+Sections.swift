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

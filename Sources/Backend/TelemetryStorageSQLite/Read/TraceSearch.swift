// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Answers one query: journal first, then blocks from the latest on, until no further one can have a newer
/// trace.
///
/// A trace stands in the answer by its start over all its parts, so that an old block can hold the match of
/// a new trace and the other way round. `BlockInfo.groupStartMax` bounds the former, `BlockInfo.floor` the
/// latter.
struct TraceSearch {
    private let query: TraceQuery
    private let cursor: TraceOrder?
    private let view: StoreCore.View
    /// Numbers of the operations that match; nil when all do.
    private let operations: Set<UInt32>?
    private let condition: SpanCondition
    private var reader: BlockReader
    /// Earliest starts of the traces in the journal.
    private var activeStarts: [TraceID: UInt64] = [:]
    private var newest: NewestTraces

    init(
        query: TraceQuery, cursor: TraceOrder?, view: StoreCore.View, operations: Set<UInt32>?,
        reader: BlockReader
    ) {
        self.query = query
        self.cursor = cursor
        self.view = view
        self.operations = operations
        self.reader = reader
        condition = SpanCondition(query)
        newest = NewestTraces(countMax: Self.limit(of: query) + 1, after: cursor)
        for active in view.segments {
            for group in active.segment.table.groups {
                activeStarts[group.id] = min(group.start, activeStarts[group.id] ?? .max)
            }
        }
    }

    private static func limit(of query: TraceQuery) -> Int {
        min(max(query.limit, 0), TraceQuery.limitMax)
    }

    mutating func page() throws(StorageError) -> TracePage {
        let limit = Self.limit(of: query)
        guard operations?.isEmpty != true, limit > 0 else { return TracePage(traces: [], next: nil) }
        for active in view.segments { try search(active) }
        let late = try blocksOfLateTraces()
        for info in view.blocks.sorted(by: { $0.groupStartMax > $1.groupStartMax }) {
            guard newest.hasRoom(forStart: info.groupStartMax) else { break }
            if let cursor, info.floor > cursor.start, !late.contains(info.number) { continue }
            guard info.mayMatch(condition, operations: operations), try mayHaveAttributes(info.number)
            else { continue }
            try search(try reader.block(info.number))
        }
        let shown = Array(newest.found.prefix(limit))
        return TracePage(
            traces: try summaries(of: shown),
            next: newest.found.count > limit ? shown.last?.cursor : nil)
    }

    private mutating func search(_ active: ActiveSegment) throws(StorageError) {
        let segment = active.segment
        let isWanted = active.operationNumbers.map { operations?.contains($0) ?? true }
        guard isWanted.contains(true) else { return }
        let attributes = AttributeTest(query.attributes, envelopes: segment.envelopes)
        for group in segment.table.groups where newest.hasRoom(forStart: group.start) {
            for row in segment.table.rows[group.rows]
            where isWanted[Int(row.operation)] && condition.matches(row) {
                if try attributes.matches(row, record: { () throws(StorageError) in segment.record(of: row) })
                {
                    try found(group)
                    break
                }
            }
        }
    }

    private mutating func search(_ block: StoredBlock) throws(StorageError) {
        let attributes = AttributeTest(query.attributes, envelopes: block.envelopes)
        // Latest start first, so that the answer fills up early.
        for group in block.table.groups.reversed() where newest.hasRoom(forStart: group.start) {
            for index in group.rows {
                let row = block.table.rows[index]
                guard operations?.contains(row.operation) ?? true, condition.matches(row) else { continue }
                if try attributes.matches(
                    row, record: { () throws(StorageError) in try reader.record(ofRow: index, in: block) })
                {
                    try found(group)
                    break
                }
            }
        }
    }

    private mutating func found(_ group: TraceGroup) throws(StorageError) {
        var start = min(group.start, activeStarts[group.id] ?? .max)
        for part in try reader.parts(of: group.id) { start = min(start, part.start) }
        newest.add(TraceOrder(start: start, id: group.id))
    }

    /// Blocks with traces that began, as the journal tells and their floor does not know, on this page or
    /// later ones.
    private func blocksOfLateTraces() throws(StorageError) -> Set<Int64> {
        guard let cursor else { return [] }
        var blocks: Set<Int64> = []
        for (trace, start) in activeStarts where start <= cursor.start {
            for part in try reader.parts(of: trace) { blocks.insert(part.block) }
        }
        return blocks
    }

    private func mayHaveAttributes(_ block: Int64) throws(StorageError) -> Bool {
        guard !query.attributes.isEmpty else { return true }
        let filter = try reader.filter(ofBlock: block)
        return query.attributes.allSatisfy { condition in
            AttributeToken.tokens(of: condition).contains { filter.mayContain($0) }
        }
    }

    private func summaries(of places: [TraceOrder]) throws(StorageError) -> [TraceSummary] {
        var builders: [TraceID: SummaryBuilder] = [:]
        for place in places {
            var builder = SummaryBuilder(place.id)
            for part in try reader.parts(of: place.id) {
                let block = try reader.block(part.block)
                guard let group = block.table.group(of: place.id) else { continue }
                for row in block.table.rows[group.rows] {
                    builder.add(row, try reader.operation(row.operation))
                }
            }
            builders[place.id] = builder
        }
        for active in view.segments {
            for group in active.segment.table.groups where builders[group.id] != nil {
                for row in active.segment.table.rows[group.rows] {
                    builders[group.id]?.add(row, active.segment.operations[Int(row.operation)])
                }
            }
        }
        return places.compactMap { builders[$0.id]?.summary }
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Answers one query: journal first, then blocks from the latest on, until no further one can have a newer
/// trace.
///
/// A trace stands in the answer by its start over all its parts, so that an old block can hold the match of
/// a new trace and the other way round. `BlockInfo.partStartMax` bounds the former, `BlockInfo.traceStartMin` the
/// latter.
struct TraceSearch {
    private let query: TraceQuery
    private let cursor: TraceOrder?
    private let view: StoreCore.View
    /// Numbers of the operations that match; nil when all do.
    private let operations: Set<UInt32>?
    private let condition: SpanCondition
    private var walk: TraceWalk
    /// Traces of several parts that were found before: whether they match.
    private var verdicts: [TraceID: Bool] = [:]
    private var newest: NewestTraces

    init(
        query: TraceQuery, cursor: TraceOrder?, view: StoreCore.View, operations: Set<UInt32>?,
        reader: BlockReader
    ) {
        self.query = query
        self.cursor = cursor
        self.view = view
        self.operations = operations
        walk = TraceWalk(segments: view.segments, reader: reader)
        condition = SpanCondition(query)
        newest = NewestTraces(countMax: Self.limit(of: query) + 1, after: cursor)
    }

    private static func limit(of query: TraceQuery) -> Int {
        min(max(query.limit, 0), TraceQuery.limitMax)
    }

    mutating func page() throws(StorageError) -> TracePage {
        let limit = Self.limit(of: query)
        guard operations?.isEmpty != true, limit > 0 else { return TracePage(traces: [], next: nil) }
        for active in view.segments { try search(active) }
        let late = try blocksOfLateTraces()
        for info in view.blocks.sorted(by: { $0.partStartMax > $1.partStartMax }) {
            guard newest.hasRoom(forStart: info.partStartMax) else { break }
            if let cursor, info.traceStartMin > cursor.start, !late.contains(info.number) { continue }
            guard info.mayMatch(condition, operations: operations), try mayHaveAttributes(info.number)
            else { continue }
            if let block = try walk.reader.block(info.number) { try search(block) }
        }
        let shown = Array(newest.found.prefix(limit))
        var summaries: [TraceSummary] = []
        for place in shown {
            if let summary = try walk.summary(of: place.id) { summaries.append(summary) }
        }
        return TracePage(
            traces: summaries,
            next: newest.found.count > limit ? shown.last?.cursor : nil)
    }

    private mutating func search(_ active: ActiveSegment) throws(StorageError) {
        let segment = active.segment
        let isWanted = active.operationNumbers.map { operations?.contains($0) ?? true }
        guard isWanted.contains(true) else { return }
        let attributes = AttributeTest(query.attributes, origins: segment.origins)
        for part in segment.table.parts where newest.hasRoom(forStart: part.start) {
            for row in segment.table.rows[part.rows]
            where isWanted[Int(row.operation)] && condition.matches(row) {
                if try attributes.matches(row, record: { () throws(StorageError) in segment.record(of: row) })
                {
                    try found(part)
                    break
                }
            }
        }
    }

    private mutating func search(_ block: StoredBlock) throws(StorageError) {
        let attributes = AttributeTest(query.attributes, origins: block.origins)
        // Latest start first, so that the answer fills up early.
        for part in block.table.parts.reversed() where newest.hasRoom(forStart: part.start) {
            for index in part.rows {
                let row = block.table.rows[index]
                guard operations?.contains(row.operation) ?? true, condition.matches(row) else { continue }
                let matches = try readable(block) { search throws(StorageError) in
                    try attributes.matches(
                        row,
                        record: { () throws(StorageError) in
                            try search.walk.reader.record(ofRow: index, in: block)
                        })
                }
                if matches {
                    try found(part)
                    break
                }
            }
        }
    }

    /// A span whose attributes cannot be read matches no condition about them.
    private mutating func readable(
        _ block: StoredBlock, _ test: (inout TraceSearch) throws(StorageError) -> Bool
    ) throws(StorageError) -> Bool {
        do throws(StorageError) {
            return try test(&self)
        } catch {
            guard case .damaged(let what) = error else { throw error }
            walk.reader.note(what, ofBlock: block.number)
            return false
        }
    }

    /// A span matches: its trace is part of the answer, if that is the span that counts and not a later copy
    /// of one that does not match.
    private mutating func found(_ part: TracePart) throws(StorageError) {
        guard try isMatch(part.id) else { return }
        newest.add(TraceOrder(start: try walk.start(of: part.id), id: part.id))
    }

    private mutating func isMatch(_ trace: TraceID) throws(StorageError) -> Bool {
        if try walk.isInOneBlock(trace) { return true }
        if let verdict = verdicts[trace] { return verdict }
        var verdict = false
        var tests: [Int64: AttributeTest] = [:]
        var walk = walk
        try walk.spans(of: trace) { (walk, place) throws(StorageError) in
            guard operations?.contains(walk.operationNumber(of: place)) ?? true, condition.matches(place.row)
            else { return true }
            let test =
                tests[place.sourceNumber] ?? AttributeTest(query.attributes, origins: place.origins)
            tests[place.sourceNumber] = test
            do throws(StorageError) {
                verdict = try test.matches(
                    place.row, record: { () throws(StorageError) in try walk.record(of: place) })
            } catch {
                guard case .damaged(let what) = error else { throw error }
                walk.note(what, at: place)
            }
            return !verdict
        }
        self.walk = walk
        verdicts[trace] = verdict
        return verdict
    }

    /// Blocks with traces that began, as only the journal tells, on this page or later ones.
    private func blocksOfLateTraces() throws(StorageError) -> Set<Int64> {
        guard let cursor else { return [] }
        var blocks: Set<Int64> = []
        for (trace, active) in walk.active where active.start <= cursor.start {
            for part in try walk.reader.parts(of: trace) { blocks.insert(part.block) }
        }
        return blocks
    }

    private func mayHaveAttributes(_ block: Int64) throws(StorageError) -> Bool {
        guard !query.attributes.isEmpty else { return true }
        guard let filter = try walk.reader.filter(ofBlock: block) else { return true }
        return query.attributes.allSatisfy { condition in
            AttributeToken.tokens(of: condition).contains { filter.mayContain($0) }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Answers one query: active block first, then the sealed ones from the latest on, until no further one can have a
/// newer trace.
///
/// A trace stands in the answer by its start over all its parts, so that an old block can hold the match of
/// a new trace and the other way round. `BlockInfo.latestStart` bounds it from above: no trace of which a block
/// may have a match begins later. Pages behind the first go over the blocks of those before once more, by their rows
/// alone.
struct TraceSearch {
    private let query: TraceQuery
    private let view: StoreCore.View
    /// Numbers of the operations that match; nil when all do.
    private let operations: OperationNumbers?
    private let condition: SpanCondition
    private var walk: TraceWalk
    /// Traces of several parts that were found before: whether they match.
    private var verdicts: [TraceID: Bool] = [:]
    /// By ``TraceWalk/Place/sourceNumber``; nil where no span meets the conditions.
    private var tests: [Int64: AttributeTest?] = [:]
    private var newest: NewestTraces

    init(
        query: TraceQuery, cursor: TraceOrder?, view: StoreCore.View, operations: OperationNumbers?,
        reader: BlockReader
    ) {
        self.query = query
        self.view = view
        self.operations = operations
        walk = TraceWalk(view: view, reader: reader)
        condition = SpanCondition(query)
        newest = NewestTraces(countMax: Self.limit(of: query) + 1, after: cursor)
    }

    private static func limit(of query: TraceQuery) -> Int {
        min(max(query.limit, 0), TraceQuery.limitMax)
    }

    mutating func page() throws(StorageError) -> TracePage {
        let limit = Self.limit(of: query)
        guard operations?.isEmpty != true, limit > 0 else { return TracePage(traces: [], next: nil) }
        try searchActive()
        var candidates = BlockCandidates(view.blocks, condition, operations)
        while let (index, latest) = candidates.next(), newest.hasRoom(forStart: latest) {
            let number = view.blocks[index].number
            guard let test = try test(ofBlock: number), let block = try walk.reader.block(number)
            else { continue }
            try search(block, test)
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

    // Latest start first, so that the answer fills up early.

    private mutating func searchActive() throws(StorageError) {
        guard let test = try test(ofBlock: nil) else { return }
        for trace in walk.active.traces.reversed()
        where newest.hasRoom(forStart: walk.active.start(of: trace)) {
            let isMet = walk.active.rows(of: trace).contains { index in
                let row = walk.active.active.spanRow(Int(index))
                return (operations?.contains(row.operation) ?? true) && condition.matches(row)
                    && test.matches(row)
            }
            if isMet { try found(walk.active.id(of: trace)) }
        }
    }

    private mutating func search(_ block: StoredBlock, _ test: AttributeTest) throws(StorageError) {
        if let rows = test.fewRows { return try search(block, rows) }
        // By the block's own number of an operation.
        let wanted = operations.map { operations in block.head.operations.map { operations.contains($0) } }
        for part in block.traces.parts.reversed() where newest.hasRoom(forStart: part.start) {
            let isMet = part.rows.contains { row in
                (wanted.map { $0[block.operationIndex(ofRow: row)] } ?? true) && test.matches(place: row)
                    && condition.matches(row, of: part, in: block)
            }
            if isMet { try found(part.id) }
        }
    }

    /// Only these rows, in order, of which the attributes meet the conditions.
    private mutating func search(_ block: StoredBlock, _ rows: [Int]) throws(StorageError) {
        var parts = block.traces.parts[...]
        for row in rows.reversed() {
            while let part = parts.last, part.rows.lowerBound > row { parts.removeLast() }
            guard let part = parts.last, newest.hasRoom(forStart: part.start) else { return }
            // Each trace once: its part is gone when an earlier row of it comes.
            guard part.rows.contains(row), operations?.contains(block.operation(ofRow: row)) ?? true,
                condition.matches(row, of: part, in: block)
            else { continue }
            try found(part.id)
            parts.removeLast()
        }
    }

    /// Nil when no span of the block meets the attribute conditions; the active one for nil.
    private mutating func test(ofBlock number: Int64?) throws(StorageError) -> AttributeTest? {
        if let known = tests[number ?? -1] { return known }
        let test: AttributeTest?
        do throws(StorageError) {
            if let number {
                let head = try walk.reader.head(number)
                test = try head.flatMap { head throws(StorageError) in
                    try AttributeTest(query.attributes, StoredAttributes(head: head, reader: walk.reader))
                }
            } else {
                test = try AttributeTest(query.attributes, ActiveAttributes(view.active))
            }
        } catch {
            guard case .damaged(let what) = error, let number else { throw error }
            walk.reader.note(what, ofBlock: number)
            test = nil
        }
        tests[number ?? -1] = .some(test)
        return test
    }

    /// A span matches: its trace is part of the answer, if that is the span that counts and not a later copy
    /// of one that does not match.
    private mutating func found(_ trace: TraceID) throws(StorageError) {
        let place = TraceOrder(start: try walk.start(of: trace), id: trace)
        guard newest.wants(place), try isMatch(trace) else { return }
        newest.add(place)
    }

    private mutating func isMatch(_ trace: TraceID) throws(StorageError) -> Bool {
        if try walk.isInOneBlock(trace) { return true }
        if let verdict = verdicts[trace] { return verdict }
        var verdict = false
        var copy = self
        try walk.spans(of: trace) { (_, place) throws(StorageError) in
            guard copy.operations?.contains(place.row.operation) ?? true, copy.condition.matches(place.row)
            else { return true }
            verdict = try copy.test(ofBlock: place.block?.number)?.matches(place.row) ?? false
            return !verdict
        }
        tests = copy.tests
        verdicts[trace] = verdict
        return verdict
    }
}

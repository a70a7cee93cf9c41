// SPDX-License-Identifier: Apache-2.0

import GRDB
import TelemetryModel
import TelemetryStorage

/// Answers one query.
struct TraceSearch {
    private let segments: [ActiveSegment]
    private let condition: SpanCondition
    /// Numbers of the operations that match; nil when all do.
    private let operations: Set<UInt32>?
    private let query: TraceQuery
    private let cursor: TraceOrder?
    /// Starts of the traces in the journal.
    private var activeStarts: [TraceID: UInt64] = [:]

    init(core: StoreCore, database: Database, query: TraceQuery, cursor: TraceOrder?) {
        self.query = query
        self.cursor = cursor
        condition = SpanCondition(query)
        (segments, operations) = core.withState { state in
            (
                state.segments,
                state.operations.numbers(service: query.service, operation: query.operation)
            )
        }
        for active in segments {
            for group in active.segment.table.groups {
                activeStarts[group.id] = min(group.start, activeStarts[group.id] ?? .max)
            }
        }
    }

    func page() throws(StorageError) -> TracePage {
        var newest = NewestTraces(countMax: query.limit + 1, after: cursor)
        if operations?.isEmpty != true {
            for active in segments { try search(active, into: &newest) }
        }
        let shown = newest.found.prefix(max(query.limit, 0))
        var summaries: [TraceSummary] = []
        for place in shown {
            var builder = SummaryBuilder(place.id)
            for active in segments {
                guard let group = active.segment.table.group(of: place.id) else { continue }
                for row in active.segment.table.rows[group.rows] {
                    builder.add(row, active.segment.operations[Int(row.operation)])
                }
            }
            if let summary = builder.summary { summaries.append(summary) }
        }
        return TracePage(
            traces: summaries, next: newest.found.count > shown.count ? shown.last?.cursor : nil)
    }

    private func search(_ active: ActiveSegment, into newest: inout NewestTraces) throws(StorageError) {
        let segment = active.segment
        let isWanted = active.operationNumbers.map { operations?.contains($0) ?? true }
        guard isWanted.contains(true) else { return }
        let attributes = AttributeTest(query.attributes, envelopes: segment.envelopes)
        for group in segment.table.groups {
            let start = activeStarts[group.id] ?? group.start
            guard newest.hasRoom(forStart: start) else { continue }
            for row in segment.table.rows[group.rows]
            where isWanted[Int(row.operation)] && condition.matches(row) {
                let record = ByteReader(
                    segment.records, from: row.recordOffset, to: row.recordOffset + row.recordLength)
                if try attributes.matches(row, record: record) {
                    newest.add(TraceOrder(start: start, id: group.id))
                    break
                }
            }
        }
    }
}

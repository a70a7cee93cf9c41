// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// A query against the parts of a store: whole parts by their summaries, rows, and at last records.
struct LogTest: Sendable {
    let query: LogQuery
    /// Only what stands before it is wanted.
    let before: LogOrder?
    let needle: Needle?
    private let service: ExactText?
    private let attributeTokens: [[UInt64]]

    init(_ query: LogQuery) throws(StorageError) {
        self.query = query
        before = if let cursor = query.cursor { try LogOrder(cursor: cursor) } else { nil }
        needle = query.text.map { Needle($0) }
        service = query.service.map { ExactText($0) }
        // A filter knows single values, and none of scopes.
        attributeTokens = query.attributes.filter { $0.comparison == .equal && $0.scope != .scope }
            .map { LogToken.tokens(of: $0) }
    }

    func mayMatch(timeMin: UInt64, timeMax: UInt64) -> Bool {
        timeMax >= query.timeMin ?? 0 && timeMin <= min(query.timeMax ?? .max, before?.time ?? .max)
    }

    func mayMatch(_ info: LogBlockInfo) -> Bool {
        mayMatch(timeMin: info.timeMin, timeMax: info.timeMax)
            && query.severityMin.map { info.severityMax >= $0 } ?? true
            && service.map { info.services.contains($0) } ?? true
    }

    /// By the filters of a block, the cheapest to refuse first.
    func mayMatch(_ info: LogBlockInfo, _ reader: LogBlockReader) throws(StorageError) -> Bool {
        if let trace = query.traceID,
            try !reader.mayContain(
                [[LogToken.token(of: trace)]], filter: LogSchema.selectTraceFilter, ofBlock: info.number)
        {
            return false
        }
        if !attributeTokens.isEmpty,
            try !reader.mayContain(
                attributeTokens, filter: LogSchema.selectAttributeFilter, ofBlock: info.number)
        {
            return false
        }
        guard let needle else { return true }
        return try reader.mayContain(needle, ofBlock: info.number)
    }

    /// For each origin whether its records can match, and the conditions that they then must meet
    /// themselves; nil when they cannot.
    func openConditions(of origins: [LogOrigin]) -> [[TraceQuery.AttributeCondition]?] {
        origins.map { origin in
            if let service, ExactText(origin.service) != service { return nil }
            let open = query.attributes.filter {
                !$0.isMet(by: origin.resource) && !$0.isMet(by: origin.scope)
            }
            return open.allSatisfy({ $0.scope == nil || $0.scope == .log }) ? open : nil
        }
    }

    func matches(_ row: LogRow, number: Int64) -> Bool {
        let time = row.effectiveTime
        if let before, LogOrder(time: time, number: number) >= before { return false }
        if let least = query.timeMin, time < least { return false }
        if let most = query.timeMax, time > most { return false }
        if let least = query.severityMin, row.severity < least { return false }
        if let trace = query.traceID, row.trace != trace { return false }
        if let span = query.spanID, row.span != span { return false }
        return true
    }

    /// Whether the record itself must be looked at.
    func asksRecord(open: [TraceQuery.AttributeCondition]) -> Bool { needle != nil || !open.isEmpty }

    func matches(
        _ row: LogRow, record bytes: [UInt8], open: [TraceQuery.AttributeCondition]
    ) throws(StorageError) -> Bool {
        if let needle {
            // A string stands in the record as it is: most records are refused unread.
            if row.hasStringBody, !needle.isContained(in: bytes) { return false }
            let record = try row.record(from: bytes)
            return needle.isContained(in: Array(record.bodyText.utf8))
                && open.allSatisfy { $0.isMet(by: record) }
        }
        let record = try row.record(from: bytes)
        return open.allSatisfy { $0.isMet(by: record) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Makes the summary of a trace from the rows of its spans.
struct SummaryBuilder {
    private struct Counts {
        var spans = 0
        var errors = 0
    }

    private let id: TraceID
    private var rows: [(row: SpanRow, operation: OperationKey)] = []
    private var services: [ExactText: Counts] = [:]

    init(_ id: TraceID) { self.id = id }

    mutating func add(_ row: SpanRow, _ operation: OperationKey) {
        rows.append((row, operation))
        services[operation.service, default: Counts()].spans += 1
        if row.status == .error { services[operation.service, default: Counts()].errors += 1 }
    }

    /// Nil when nothing was added.
    var summary: TraceSummary? {
        guard let root else { return nil }
        let start = rows.reduce(UInt64.max) { min($0, $1.row.start) }
        // As the tree draws it: a span that ends before it starts lasts no time.
        let end = rows.reduce(UInt64.zero) { max($0, $1.row.start, $1.row.end) }
        return TraceSummary(
            traceID: id, rootService: root.service.text, rootOperation: root.name.text,
            startTimeUnixNano: start, durationNano: end - start, spanCount: rows.count,
            errorCount: services.values.reduce(0) { $0 + $1.errors },
            services:
                services
                .map { TraceSummary.Service(name: $0.text, spanCount: $1.spans, errorCount: $1.errors) }
                .sorted { $0.name < $1.name })
    }

    /// The earliest span without parent, else the earliest whose parent is not stored, else (parents in a
    /// circle) the earliest of all.
    private var root: OperationKey? {
        if let root = earliest(where: { $0.parentSpanID == 0 }) { return root }
        let stored = Set(rows.lazy.map(\.row.spanID))
        return earliest { !stored.contains($0.parentSpanID) } ?? earliest { _ in true }
    }

    private func earliest(where isCandidate: (SpanRow) -> Bool) -> OperationKey? {
        rows.filter { isCandidate($0.row) }
            .min { ($0.row.start, $0.row.spanID) < ($1.row.start, $1.row.spanID) }?.operation
    }
}

// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// One line of a search result: a whole trace in a few figures.
package struct TraceSummary: Hashable, Sendable {
    package struct Service: Hashable, Sendable {
        package var name: String
        package var spanCount: Int
        package var errorCount: Int

        package init(name: String, spanCount: Int, errorCount: Int) {
            self.name = name
            self.spanCount = spanCount
            self.errorCount = errorCount
        }
    }

    package var traceID: TraceID
    /// Service of the root: the earliest span without parent, else the earliest whose parent is not stored,
    /// else (parents in a circle) the earliest of all. Of those that start together the one with the
    /// smallest span id.
    package var rootService: String
    /// Name of the root span.
    package var rootOperation: String
    /// Earliest start of all its spans, nanoseconds since 1970 UTC.
    package var startTimeUnixNano: UInt64
    /// Latest end minus earliest start of all its spans, nanoseconds. A span that ends before it starts
    /// counts as ending at its start.
    package var durationNano: UInt64
    package var spanCount: Int
    /// Spans with status Error.
    package var errorCount: Int
    /// Sorted by name.
    package var services: [Service]

    package init(
        traceID: TraceID, rootService: String, rootOperation: String, startTimeUnixNano: UInt64,
        durationNano: UInt64,
        spanCount: Int, errorCount: Int, services: [Service]
    ) {
        self.traceID = traceID
        self.rootService = rootService
        self.rootOperation = rootOperation
        self.startTimeUnixNano = startTimeUnixNano
        self.durationNano = durationNano
        self.spanCount = spanCount
        self.errorCount = errorCount
        self.services = services
    }
}

/// A page of a search result.
package struct TracePage: Hashable, Sendable {
    package var traces: [TraceSummary]
    /// For ``TraceQuery/cursor``; nil when this was the last page. Opaque, safe in a URL.
    package var next: String?

    package init(traces: [TraceSummary], next: String?) {
        self.traces = traces
        self.next = next
    }
}

/// A span name of a service with the kind it was seen with.
package struct Operation: Hashable, Sendable {
    package var name: String
    package var kind: SpanKind

    package init(name: String, kind: SpanKind) {
        self.name = name
        self.kind = kind
    }
}

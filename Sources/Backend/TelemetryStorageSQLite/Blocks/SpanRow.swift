// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// What questions ask of one span, at hand without touching its record.
struct SpanRow: Hashable, Sendable {
    /// Index into the operations: the store's in a sealed block, the segment's own before.
    var operation: UInt32
    /// Index into the origins of the block or segment.
    var origin: UInt32
    var status: SpanStatus.Code
    var start: UInt64
    var end: UInt64
    var spanID: UInt64
    /// Zero for none.
    var parentSpanID: UInt64
    /// Where the record lies in the records of the block or segment.
    var recordOffset: Int
    var recordLength: Int

    /// As ``SpanData/durationNano``.
    var duration: UInt64 { end > start ? end - start : 0 }

    var key: SpanKey { SpanKey(spanID: spanID, start: start) }
}

/// What makes a span of a trace the same span when it arrives again.
struct SpanKey: Hashable, Sendable {
    var spanID: UInt64
    var start: UInt64
}

/// The spans of one trace within a block or segment: consecutive rows.
struct TracePart: Hashable, Sendable {
    var id: TraceID
    var rows: Range<Int>
    /// Earliest start of the rows.
    var start: UInt64
}

/// Rows in parts by trace.
struct SpanTable: Sendable {
    var parts: [TracePart] = []
    var rows: [SpanRow] = []

    func part(of id: TraceID) -> TracePart? { parts.first { $0.id == id } }

    /// The latest of the parts' starts: no trace that begins later has a span in here. Zero without parts.
    var partStartMax: UInt64 { parts.reduce(0) { Swift.max($0, $1.start) } }
}

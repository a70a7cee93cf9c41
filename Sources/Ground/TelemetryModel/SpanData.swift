// SPDX-License-Identifier: Apache-2.0

/// A finished span as a value: what exporters send, the wire carries and stores keep.
///
/// Source: OTLP `trace.proto`, `Span`.
public struct SpanData: Hashable, Sendable {
    public var traceID: TraceID
    public var spanID: SpanID
    /// Nil for a root span.
    public var parentSpanID: SpanID?
    /// The W3C `tracestate` text, as received; empty for none.
    public var traceState: String
    /// Bits 0–7 W3C trace flags; 0x100 "remoteness of the parent is known"; 0x200 "the parent is remote".
    public var flags: UInt32
    public var name: String
    public var kind: SpanKind
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    public var startTimeUnixNano: UInt64
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    public var endTimeUnixNano: UInt64
    public var attributes: Attributes
    public var droppedAttributesCount: UInt32
    public var events: [SpanEvent]
    public var droppedEventsCount: UInt32
    public var links: [SpanLink]
    public var droppedLinksCount: UInt32
    public var status: SpanStatus

    public init(
        traceID: TraceID, spanID: SpanID, parentSpanID: SpanID? = nil, traceState: String = "",
        flags: UInt32 = 0,
        name: String, kind: SpanKind = .internal, startTimeUnixNano: UInt64, endTimeUnixNano: UInt64,
        attributes: Attributes = [:], droppedAttributesCount: UInt32 = 0, events: [SpanEvent] = [],
        droppedEventsCount: UInt32 = 0, links: [SpanLink] = [], droppedLinksCount: UInt32 = 0,
        status: SpanStatus = SpanStatus()
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parentSpanID = parentSpanID
        self.traceState = traceState
        self.flags = flags
        self.name = name
        self.kind = kind
        self.startTimeUnixNano = startTimeUnixNano
        self.endTimeUnixNano = endTimeUnixNano
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.events = events
        self.droppedEventsCount = droppedEventsCount
        self.links = links
        self.droppedLinksCount = droppedLinksCount
        self.status = status
    }

    /// End minus start in nanoseconds; zero when the end lies before the start (a clock was set back).
    public var durationNano: UInt64 {
        endTimeUnixNano > startTimeUnixNano ? endTimeUnixNano - startTimeUnixNano : 0
    }
}

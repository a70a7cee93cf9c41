// SPDX-License-Identifier: Apache-2.0

/// One line of a log, or one event, as a value: what exporters send, the wire carries and stores keep.
///
/// Source: OpenTelemetry specification 1.60, "Logs Data Model"; OTLP `logs.proto`, `LogRecord`.
public struct LogRecord: Hashable, Sendable {
    /// When it happened, nanoseconds since 1970-01-01 00:00:00 UTC; zero when unknown.
    public var timeUnixNano: UInt64
    /// When OpenTelemetry first saw it, nanoseconds since 1970-01-01 00:00:00 UTC; zero when unknown.
    public var observedTimeUnixNano: UInt64
    public var severity: LogSeverity
    /// The source's own word for the severity, such as `notice`; empty for none.
    public var severityText: String
    /// The message, often a string; ``AttributeValue/empty`` for none.
    public var body: AttributeValue
    public var attributes: Attributes
    public var droppedAttributesCount: UInt32
    /// Bits 0–7 are the W3C trace flags; the others are reserved and kept as received.
    public var flags: UInt32
    /// The trace in which it was written; nil outside of any.
    public var traceID: TraceID?
    /// The span in which it was written; nil outside of any.
    public var spanID: SpanID?
    /// Names the kind of event; empty for a plain log line.
    public var eventName: String

    public init(
        timeUnixNano: UInt64 = 0, observedTimeUnixNano: UInt64 = 0, severity: LogSeverity = .unspecified,
        severityText: String = "", body: AttributeValue = .empty, attributes: Attributes = [:],
        droppedAttributesCount: UInt32 = 0, flags: UInt32 = 0, traceID: TraceID? = nil,
        spanID: SpanID? = nil, eventName: String = ""
    ) {
        self.timeUnixNano = timeUnixNano
        self.observedTimeUnixNano = observedTimeUnixNano
        self.severity = severity
        self.severityText = severityText
        self.body = body
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.flags = flags
        self.traceID = traceID
        self.spanID = spanID
        self.eventName = eventName
    }

    /// The one time of a record where there is room for only one.
    // OTLP 1.11.0, logs.proto: "Use time_unix_nano if it is present, otherwise use observed_time_unix_nano."
    public var effectiveTimeUnixNano: UInt64 { timeUnixNano == 0 ? observedTimeUnixNano : timeUnixNano }
}

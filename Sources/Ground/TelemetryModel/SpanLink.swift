// SPDX-License-Identifier: Apache-2.0

/// A pointer from one span to another, of the same or of another trace.
public struct SpanLink: Hashable, Sendable {
    public var traceID: TraceID
    public var spanID: SpanID
    /// The W3C `tracestate` text of the linked context; empty for none.
    public var traceState: String
    public var attributes: Attributes
    public var droppedAttributesCount: UInt32
    /// As ``SpanData/flags``, about the linked context.
    public var flags: UInt32

    public init(
        traceID: TraceID, spanID: SpanID, traceState: String = "", attributes: Attributes = [:],
        droppedAttributesCount: UInt32 = 0, flags: UInt32 = 0
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceState = traceState
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
        self.flags = flags
    }
}

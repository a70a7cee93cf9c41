// SPDX-License-Identifier: Apache-2.0

/// Something that happened at one moment of a span.
public struct SpanEvent: Hashable, Sendable {
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    public var timeUnixNano: UInt64
    public var name: String
    public var attributes: Attributes
    public var droppedAttributesCount: UInt32

    public init(
        timeUnixNano: UInt64, name: String, attributes: Attributes = [:], droppedAttributesCount: UInt32 = 0
    ) {
        self.timeUnixNano = timeUnixNano
        self.name = name
        self.attributes = attributes
        self.droppedAttributesCount = droppedAttributesCount
    }
}

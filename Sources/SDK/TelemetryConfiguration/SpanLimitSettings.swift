// SPDX-License-Identifier: Apache-2.0

/// How many attributes, and how long values, wherever they stand and no limit of their own is said.
public struct AttributeLimits: Sendable {
    /// Attributes of a span, event or link. Nil: `OTEL_ATTRIBUTE_COUNT_LIMIT`, else 128.
    public var count: Int?
    /// Characters of a value; longer ones are cut. Nil: `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, else no limit; `Int.max`
    /// is no limit whatever the variable says.
    public var valueLength: Int?

    public init(count: Int? = nil, valueLength: Int? = nil) {
        self.count = count
        self.valueLength = valueLength
    }
}

/// How much one span may hold; what is over a limit is dropped and counted. Nil is left to the environment.
public struct SpanLimitSettings: Sendable {
    /// Attributes of a span. Nil: `OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`, else ``AttributeLimits/count``.
    public var attributeCount: Int?
    /// Characters of a value; longer ones are cut. Nil: `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`, else
    /// ``AttributeLimits/valueLength``.
    public var attributeValueLength: Int?
    /// Events of a span. Nil: `OTEL_SPAN_EVENT_COUNT_LIMIT`, else 128.
    public var eventCount: Int?
    /// Links of a span. Nil: `OTEL_SPAN_LINK_COUNT_LIMIT`, else 128.
    public var linkCount: Int?
    /// Attributes of an event. Nil: `OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT`, else ``AttributeLimits/count``.
    public var attributesPerEvent: Int?
    /// Attributes of a link. Nil: `OTEL_LINK_ATTRIBUTE_COUNT_LIMIT`, else ``AttributeLimits/count``.
    public var attributesPerLink: Int?
    /// Levels of a value, counting the value itself as 1; an array or map below becomes empty. Default and at most
    /// 64.
    public var attributeValueDepth: Int?

    public init(
        attributeCount: Int? = nil, attributeValueLength: Int? = nil, eventCount: Int? = nil,
        linkCount: Int? = nil, attributesPerEvent: Int? = nil, attributesPerLink: Int? = nil,
        attributeValueDepth: Int? = nil
    ) {
        self.attributeCount = attributeCount
        self.attributeValueLength = attributeValueLength
        self.eventCount = eventCount
        self.linkCount = linkCount
        self.attributesPerEvent = attributesPerEvent
        self.attributesPerLink = attributesPerLink
        self.attributeValueDepth = attributeValueDepth
    }
}

// SPDX-License-Identifier: Apache-2.0

/// How much one span may hold. What is over a limit is dropped and counted, with one warning per span.
/// Source: OpenTelemetry specification 1.60, "Span Limits" and "Attribute Limits".
public struct SpanLimits: Hashable, Sendable {
    /// Attributes of a span; a new key beyond is dropped, a known one is still overwritten.
    public var attributeCount: Int
    /// Events of a span; later ones are dropped.
    public var eventCount: Int
    /// Links of a span; later ones are dropped.
    public var linkCount: Int
    /// Attributes of one event; later ones are dropped.
    public var attributesPerEvent: Int
    /// Attributes of one link; later ones are dropped.
    public var attributesPerLink: Int
    /// Characters (Unicode scalars) of a string and bytes of a byte array, at any depth; longer ones are cut. Nil
    /// for no limit.
    public var attributeValueLength: Int?
    /// Levels of a value, counting the value itself as 1, at most 64; an array or map below becomes empty.
    public var attributeValueDepth: Int

    /// The specification's defaults. Negative numbers are taken as zero, a depth below 1 as 1 and above 64
    /// as 64.
    public init(
        attributeCount: Int = 128, eventCount: Int = 128, linkCount: Int = 128, attributesPerEvent: Int = 128,
        attributesPerLink: Int = 128, attributeValueLength: Int? = nil, attributeValueDepth: Int = 64
    ) {
        self.attributeCount = max(0, attributeCount)
        self.eventCount = max(0, eventCount)
        self.linkCount = max(0, linkCount)
        self.attributesPerEvent = max(0, attributesPerEvent)
        self.attributesPerLink = max(0, attributesPerLink)
        self.attributeValueLength = attributeValueLength.map { max(0, $0) }
        self.attributeValueDepth = min(max(1, attributeValueDepth), Self.attributeValueDepthMax)
    }

    /// What is set after `init` has not passed its checks.
    var usable: SpanLimits {
        SpanLimits(
            attributeCount: attributeCount, eventCount: eventCount, linkCount: linkCount,
            attributesPerEvent: attributesPerEvent, attributesPerLink: attributesPerLink,
            attributeValueLength: attributeValueLength, attributeValueDepth: attributeValueDepth)
    }

    /// Receivers bound how deep messages nest, and refuse the whole request above.
    static let attributeValueDepthMax = 64

    /// Bytes that one span may take when encoded; what would go beyond is dropped and counted as over its limit.
    /// Above this no receiver would take it (OTLP/gRPC servers refuse messages of more than 4 MiB by default).
    static let encodedBytesMax = 16 << 20

    /// Bytes of a status' message; a longer one is cut. The specification has no limit for it.
    static let statusMessageBytesMax = 64 << 10
}

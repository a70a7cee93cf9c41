// SPDX-License-Identifier: Apache-2.0

// Source: OpenTelemetry specification 1.60, "Environment Variable Specification", "Attribute Limits" and "Span
// Limits": "Valid values are non-negative."
extension Variable {
    // "it SHOULD support non-negative values between 0 and 2³¹ − 1 (inclusive)"
    private static let limitMax = 2_147_483_647

    package static let attributeCountLimit = limit(
        "ATTRIBUTE_COUNT", "128", "settings.attributeLimits.count",
        "Attributes of a span, event or link, unless a variable of its own says otherwise; further ones are dropped."
    )
    package static let attributeValueLengthLimit = limit(
        "ATTRIBUTE_VALUE_LENGTH", "", "settings.attributeLimits.valueLength",
        "Characters of an attribute's value; longer ones are cut. By default there is no limit.")
    package static let spanAttributeCountLimit = limit(
        "SPAN_ATTRIBUTE_COUNT", "", "settings.traces.limits.attributeCount",
        "Attributes of a span; by default `OTEL_ATTRIBUTE_COUNT_LIMIT`.")
    package static let spanAttributeValueLengthLimit = limit(
        "SPAN_ATTRIBUTE_VALUE_LENGTH", "", "settings.traces.limits.attributeValueLength",
        "Characters of a value of a span's attribute; by default `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`.")
    package static let spanEventCountLimit = limit(
        "SPAN_EVENT_COUNT", "128", "settings.traces.limits.eventCount",
        "Events of a span; later ones are dropped.")
    package static let spanLinkCountLimit = limit(
        "SPAN_LINK_COUNT", "128", "settings.traces.limits.linkCount",
        "Links of a span; later ones are dropped.")
    package static let eventAttributeCountLimit = limit(
        "EVENT_ATTRIBUTE_COUNT", "", "settings.traces.limits.attributesPerEvent",
        "Attributes of an event of a span; by default `OTEL_ATTRIBUTE_COUNT_LIMIT`.")
    package static let linkAttributeCountLimit = limit(
        "LINK_ATTRIBUTE_COUNT", "", "settings.traces.limits.attributesPerLink",
        "Attributes of a link of a span; by default `OTEL_ATTRIBUTE_COUNT_LIMIT`.")

    static let limits = [
        attributeCountLimit, attributeValueLengthLimit, spanAttributeCountLimit,
        spanAttributeValueLengthLimit,
        spanEventCountLimit, spanLinkCountLimit, eventAttributeCountLimit, linkAttributeCountLimit,
    ]

    private static func limit(_ name: String, _ standard: String, _ twin: String, _ help: String) -> Variable
    {
        Variable("OTEL_\(name)_LIMIT", .count(0...limitMax), standard: standard, twin: twin, help: help)
    }
}

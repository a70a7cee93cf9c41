// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK
import Testing

@Suite("Configuration: limits")
struct LimitSettingTests {
    @Test("without a word the limits are the specification's")
    func standard() {
        #expect(Resolving().settings.limits == SpanLimits())
    }

    @Test("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT limits the attributes of a span")
    func spanAttributeCount() {
        #expect(
            Resolving(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "7"]).settings.limits
                == SpanLimits(attributeCount: 7))
    }

    @Test("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT limits the length of a span's values")
    func spanAttributeValueLength() {
        let resolving = Resolving(["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "0"])
        #expect(resolving.settings.limits == SpanLimits(attributeValueLength: 0))
        #expect(
            resolving.origin(of: "limits.attribute_value_length")
                == .environment("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"))
    }

    @Test("OTEL_SPAN_EVENT_COUNT_LIMIT limits the events of a span")
    func spanEventCount() {
        #expect(Resolving(["OTEL_SPAN_EVENT_COUNT_LIMIT": "0"]).settings.limits == SpanLimits(eventCount: 0))
    }

    @Test("OTEL_SPAN_LINK_COUNT_LIMIT limits the links of a span")
    func spanLinkCount() {
        #expect(Resolving(["OTEL_SPAN_LINK_COUNT_LIMIT": "7"]).settings.limits == SpanLimits(linkCount: 7))
    }

    @Test("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT limits the attributes of an event")
    func eventAttributeCount() {
        let limits = Resolving(["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "7"]).settings.limits
        #expect(limits == SpanLimits(attributesPerEvent: 7))
    }

    @Test("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT limits the attributes of a link")
    func linkAttributeCount() {
        let limits = Resolving(["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": "7"]).settings.limits
        #expect(limits == SpanLimits(attributesPerLink: 7))
    }

    @Test("OTEL_ATTRIBUTE_COUNT_LIMIT holds for spans, events and links that have no limit of their own")
    func attributeCount() {
        #expect(
            Resolving(["OTEL_ATTRIBUTE_COUNT_LIMIT": "7"]).settings.limits
                == SpanLimits(attributeCount: 7, attributesPerEvent: 7, attributesPerLink: 7))
        let both = Resolving(["OTEL_ATTRIBUTE_COUNT_LIMIT": "7", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "9"])
        #expect(
            both.settings.limits == SpanLimits(attributeCount: 9, attributesPerEvent: 7, attributesPerLink: 7)
        )
    }

    @Test("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT holds where a span has no limit of its own")
    func attributeValueLength() {
        #expect(
            Resolving(["OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "7"]).settings.limits
                == SpanLimits(attributeValueLength: 7))
        let both = Resolving([
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "7", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "9",
        ])
        #expect(both.settings.limits.attributeValueLength == 9)
    }

    @Test("code wins over the variable of the same limit, and a limit of spans over that of all attributes")
    func code() {
        let resolving = Resolving([
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1", "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": "2",
            "OTEL_ATTRIBUTE_COUNT_LIMIT": "3", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "4",
        ]) { settings in
            settings.attributeLimits = AttributeLimits(count: 30, valueLength: .max)
            settings.traces.limits = SpanLimitSettings(
                attributeCount: 10, eventCount: 40, linkCount: 50, attributeValueDepth: 6)
        }
        #expect(
            resolving.settings.limits
                == SpanLimits(
                    attributeCount: 10, eventCount: 40, linkCount: 50, attributesPerEvent: 2,
                    attributesPerLink: 30, attributeValueLength: nil, attributeValueDepth: 6))
        #expect(resolving.warnings.isEmpty)
        #expect(resolving.origin(of: "limits.attributes_per_link") == .code)
    }

    @Test("a limit that cannot be used warns with what holds instead")
    func bad() {
        let resolving = Resolving([
            "OTEL_ATTRIBUTE_COUNT_LIMIT": "7", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "-1",
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": "long",
        ]) { $0.traces.limits.linkCount = -1 }
        #expect(resolving.settings.limits.attributeCount == 7)
        #expect(resolving.settings.limits.linkCount == 128)
        #expect(
            Set(resolving.messages) == [
                "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT=\"-1\" is negative; using 7",
                "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT=\"long\" is no whole number; using no limit",
                "settings.traces.limits.linkCount=\"-1\" is negative; using 128",
            ])
    }
}

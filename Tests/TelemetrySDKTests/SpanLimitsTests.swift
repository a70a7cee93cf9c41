// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("Span limits")
struct SpanLimitsTests {
    let scope = TelemetryScope("test")

    func finish(
        _ limits: SpanLimits, _ body: (TelemetrySpan) -> Void
    ) throws -> SpanData {
        let telemetry = TestTelemetry(limits: limits)
        let span = telemetry.provider.tracer(scope).startSpan("span")
        body(span)
        span.end()
        return try #require(telemetry.finishedSpans.first)
    }

    @Test("the defaults are the specification's")
    func defaults() {
        let limits = SpanLimits()
        #expect(limits.attributeCount == 128)
        #expect(limits.eventCount == 128)
        #expect(limits.linkCount == 128)
        #expect(limits.attributesPerEvent == 128)
        #expect(limits.attributesPerLink == 128)
        #expect(limits.attributeValueLength == nil)
        #expect(limits.attributeValueDepth == 64)
    }

    @Test("a new attribute over the limit is dropped and counted, a known one still overwritten")
    func attributeCount() throws {
        let data = try finish(SpanLimits(attributeCount: 2)) { span in
            span["a"] = 1
            span["b"] = 1
            span["c"] = 1
            span["d"] = 1
            span["a"] = 2
        }
        #expect(data.attributes["a"] == 2)
        #expect(data.attributes["b"] == 1)
        #expect(data.attributes.count == 2)
        #expect(data.droppedAttributesCount == 2)
    }

    @Test("events and links over their limits are dropped and counted, the first are kept")
    func eventAndLinkCount() throws {
        let data = try finish(SpanLimits(eventCount: 2, linkCount: 1)) { span in
            for index in 0..<5 { span.addEvent("\(index)") }
            span.addLink(to: span.context)
            span.addLink(to: span.context)
        }
        #expect(data.events.map(\.name) == ["0", "1"])
        #expect(data.droppedEventsCount == 3)
        #expect(data.links.count == 1)
        #expect(data.droppedLinksCount == 1)
    }

    @Test("attributes of an event and of a link have their own limits")
    func attributesOfEventsAndLinks() throws {
        let data = try finish(SpanLimits(attributesPerEvent: 1, attributesPerLink: 2)) { span in
            span.addEvent("event", ["a": 1, "b": 2, "c": 3])
            span.addLink(to: span.context, attributes: ["a": 1, "b": 2, "c": 3])
        }
        #expect(data.events.first?.attributes == ["a": 1])
        #expect(data.events.first?.droppedAttributesCount == 2)
        #expect(data.links.first?.attributes == ["a": 1, "b": 2])
        #expect(data.links.first?.droppedAttributesCount == 1)
    }

    @Test("long strings and bytes are cut by characters and bytes, at any depth; other values are not")
    func valueLength() throws {
        let data = try finish(SpanLimits(attributeValueLength: 3)) { span in
            span["text"] = "äöüß"
            span["short"] = "äöü"
            span["int"] = 123_456
            span.setAttribute("deep", [["abcdef", .bytes([1, 2, 3, 4])]])
            span.addEvent("long name of an event", ["text": "abcdef"])
        }
        #expect(data.attributes["text"] == "äöü")
        #expect(data.attributes["short"] == "äöü")
        #expect(data.attributes["int"] == 123_456)
        #expect(data.attributes["deep"] == [["abc", .bytes([1, 2, 3])]])
        #expect(data.events.first?.attributes["text"] == "abc")
        #expect(data.events.first?.name == "long name of an event")
    }

    @Test("arrays and maps below the depth limit become empty values")
    func valueDepth() throws {
        let data = try finish(SpanLimits(attributeValueDepth: 2)) { span in
            span.setAttribute("a", [1, [2, [3]]])
            span.setAttribute("m", ["x": ["y": ["z": 1]]])
        }
        #expect(data.attributes["a"] == [1, [2, .empty]])
        #expect(data.attributes["m"] == ["x": ["y": .empty]])
    }

    @Test("a value as deep as the default allows survives the way to the exporter")
    func deepValue() throws {
        var value: AttributeValue = 1
        for _ in 0..<64 { value = .array([value]) }
        let data = try finish(SpanLimits()) { $0.setAttribute("deep", value) }
        #expect(data.attributes["deep"] == value)
    }

    @Test("a value that does not fit into the span leaves the one that was there")
    func tooLargeValue() throws {
        let data = try finish(SpanLimits()) { span in
            span["text"] = "short"
            span["text"] = String(repeating: "x", count: 17 << 20)
            span["other"] = 1
        }
        #expect(data.attributes == ["text": "short", "other": 1])
        #expect(data.droppedAttributesCount == 1)
    }

    @Test("a status message has a limit of its own, and is cut between two characters")
    func statusMessage() throws {
        let data = try finish(SpanLimits()) {
            $0.setStatus(.error, "x" + String(repeating: "é", count: 40_000))
        }
        #expect(data.status.message.utf8.count == 65_535)
        #expect(data.status.message.hasSuffix("é"))
    }

    @Test("nonsense that is set after the making is made sense of, too")
    func lateNonsense() throws {
        var limits = SpanLimits()
        limits.attributeValueLength = -1
        limits.attributeValueDepth = 1_000
        limits.eventCount = -1
        let data = try finish(limits) { span in
            span["a"] = "text"
            span.addEvent("event")
        }
        #expect(data.attributes["a"] == "")
        #expect(data.events.isEmpty)
    }

    @Test("limits of zero keep nothing")
    func zero() throws {
        let data = try finish(SpanLimits(attributeCount: 0, eventCount: 0, linkCount: 0)) { span in
            span["a"] = 1
            span.addEvent("event")
            span.addLink(to: span.context)
        }
        #expect(data.attributes.isEmpty && data.events.isEmpty && data.links.isEmpty)
        #expect(data.droppedAttributesCount == 1)
    }

    @Test("the limits hold for attributes set through swift-distributed-tracing")
    func throughTracing() throws {
        let telemetry = TestTelemetry(limits: SpanLimits(attributeCount: 2, attributeValueLength: 2))
        let span = telemetry.tracer.startSpan("span")
        span.attributes["a"] = "long"
        span.attributes["b"] = 1
        span.attributes["c"] = 1
        span.attributes["a"] = "also long"
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes["a"] == "al")
        #expect(data.attributes["b"] == 1)
        #expect(data.attributes.count == 2)
        #expect(data.droppedAttributesCount == 1)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

/// One rule of the specification each.
@Suite("Rules of spans")
struct SpanRulesTests {
    let telemetry = TestTelemetry()
    var tracer: TelemetryTracer { telemetry.provider.tracer(TelemetryScope("test")) }

    func finish(_ body: (TelemetrySpan) -> Void) throws -> SpanData {
        let span = tracer.startSpan("span")
        body(span)
        span.end()
        return try #require(telemetry.finishedSpans.last)
    }

    @Test("a new root has a trace of its own, an id, the default kind and its start time")
    func root() throws {
        let before = SystemTelemetryClock().unixNano
        let span = tracer.startSpan("root", isRoot: true)
        #expect(span.context.isValid && !span.context.isRemote)
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.parentSpanID == nil)
        #expect(data.kind == .internal)
        // The distance between the clocks is measured once a second.
        #expect(data.startTimeUnixNano + 2_000_000 >= before)
        #expect(data.endTimeUnixNano >= data.startTimeUnixNano)
    }

    @Test(
        "start and end times that are given are kept to the nanosecond",
        arguments: [0, 1, 1_700_000_000_123_456_789])
    func givenTimes(start: UInt64) throws {
        tracer.startSpan("span", startTime: start).end(at: start + 1)
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.startTimeUnixNano == start && data.endTimeUnixNano == start + 1)
        #expect(data.durationNano == 1)
    }

    @Test("times at the end of what the wire can say neither trap nor make a duration out of nothing")
    func hugeTimes() throws {
        tracer.startSpan("span", startTime: .max).end(at: 1)
        tracer.startSpan("span", startTime: .max).end()
        for data in telemetry.finishedSpans {
            #expect(data.startTimeUnixNano == .max)
            #expect(data.durationNano == 0)
        }
    }

    @Test("a span is recording from its start to its end")
    func isRecording() {
        let span = tracer.startSpan("span")
        let copy = span
        #expect(span.isRecording)
        span.end()
        #expect(!span.isRecording && !copy.isRecording)
    }

    @Test("the context of a span is the same for its whole life")
    func context() {
        let span = tracer.startSpan("span")
        let context = span.context
        span.updateName("other")
        span.end()
        #expect(span.context == context)
    }

    @Test(
        "a name can be replaced, by a shorter and by a longer one",
        arguments: ["", "b", String(repeating: "ä", count: 5_000)])
    func updateName(name: String) throws {
        let data = try finish { span in
            span["before"] = 1
            span.updateName(name)
            span["after"] = 2
        }
        #expect(data.name == name)
        #expect(data.attributes == ["before": 1, "after": 2])
    }

    @Test("each status code can be set", arguments: [SpanStatus.Code.unset, .ok, .error])
    func status(code: SpanStatus.Code) throws {
        #expect(try finish { $0.setStatus(code) }.status.code == code)
    }

    static let values: [AttributeValue] = [
        "", "text", "grüße, 世界, 🧭, \u{0}", true, false, 0.0, -0.5, .double(.infinity),
        .double(.greatestFiniteMagnitude),
        0, -1, .int(.max), .int(.min), ["a", "b"], [1, 2], [0.5, 1.5], [true, false], .array([]), .empty,
        .bytes([0, 255]), ["nested": ["deep": [1, "mixed", .empty]]],
    ]

    @Test("an attribute of any type arrives as it was", arguments: values)
    func attributeTypes(value: AttributeValue) throws {
        let data = try finish { $0.setAttribute("key", value) }
        #expect(data.attributes["key"] == value)
    }

    @Test("a string attribute is kept, to the empty string")
    func stringType() throws {
        let data = try finish { span in
            span["text"] = "text"
            span.setAttribute("empty", "")
        }
        #expect(data.attributes == ["text": "text", "empty": ""])
    }

    @Test("a boolean attribute is kept, false too")
    func boolType() throws {
        let data = try finish { span in
            span["yes"] = true
            span.setAttribute("no", false)
        }
        #expect(data.attributes == ["yes": true, "no": false])
    }

    @Test("a double attribute is kept to the last bit")
    func doubleType() throws {
        let data = try finish { span in
            span["third"] = 1.0 / 3
            span.setAttribute("least", Double.leastNonzeroMagnitude)
        }
        #expect(data.attributes == ["third": .double(1.0 / 3), "least": .double(.leastNonzeroMagnitude)])
    }

    @Test("an integer attribute has all 64 bits and a sign")
    func intType() throws {
        let data = try finish { span in
            span["least"] = Int.min
            span.setAttribute("most", Int64.max)
        }
        #expect(data.attributes == ["least": .int(.min), "most": .int(.max)])
    }

    @Test("arrays of each primitive type are kept, in order")
    func arrays() throws {
        let arrays: Attributes = ["s": ["b", "a"], "i": [2, 1], "d": [0.5, 0.25], "b": [true, false]]
        #expect(try finish { $0.setAttributes(arrays) }.attributes == arrays)
    }

    @Test("keys and strings are any Unicode")
    func unicode() throws {
        let data = try finish { span in
            span["schlüssel.鍵.🔑"] = "grüße, 世界, 👩‍👩‍👧"
            span.setAttribute("SCHLÜSSEL", "other")
        }
        #expect(data.attributes == ["schlüssel.鍵.🔑": "grüße, 世界, 👩‍👩‍👧", "SCHLÜSSEL": "other"])
    }

    @Test("nil is no value: setting it changes nothing")
    func null() throws {
        let data = try finish { span in
            span["kept"] = 1
            span["kept"] = nil as Int?
            span["never"] = nil as String?
        }
        #expect(data.attributes == ["kept": 1])
    }

    @Test("setting an attribute again overwrites it, whatever its type was")
    func overwrite() throws {
        let data = try finish { span in
            for value in Self.values { span.setAttribute("key", value) }
            span["key"] = 7
        }
        #expect(data.attributes == ["key": 7])
    }

    @Test("links given at the start and added later keep their order, the same one twice is two")
    func linkOrder() throws {
        func link(_ id: UInt64) -> SpanContext {
            SpanContext(traceID: TraceID(high: 1, low: id), spanID: SpanID(value: id))
        }
        let span = tracer.startSpan(
            "span", links: [TelemetryLink(link(3)), TelemetryLink(link(1), attributes: ["a": 1])])
        span.addLink(to: link(2), attributes: ["b": 2])
        span.addLink(to: link(3))
        span.end()
        let links = try #require(telemetry.finishedSpans.first).links
        #expect(links.map(\.spanID.value) == [3, 1, 2, 3])
        #expect(links.map(\.attributes) == [[:], ["a": 1], ["b": 2], [:]])
    }

    @Test("links can be recorded on span creation")
    func linksAtStart() throws {
        let target = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 9), isRemote: true)
        tracer.startSpan("span", links: [TelemetryLink(target, attributes: ["a": 1])]).end()
        let link = try #require(telemetry.finishedSpans.first?.links.first)
        #expect(link.spanID == target.spanID && link.attributes == ["a": 1])
    }

    @Test("events keep their order, name, attributes and time, odd times too")
    func events() throws {
        let data = try finish { span in
            span.addEvent("later", at: 500)
            span.addEvent("earlier", ["a": 1], at: 5)
            span.addEvent("now")
        }
        #expect(data.events.map(\.name) == ["later", "earlier", "now"])
        #expect(data.events.map(\.timeUnixNano).prefix(2) == [500, 5])
        #expect(data.events[1].attributes == ["a": 1])
        #expect(data.events[2].timeUnixNano >= data.startTimeUnixNano)
        #expect(data.events[2].timeUnixNano <= data.endTimeUnixNano)
    }

    @Test("the time of an event can be given")
    func eventTime() throws {
        #expect(try finish { $0.addEvent("event", at: 42) }.events.map(\.timeUnixNano) == [42])
    }

    @Test("an exception that is recorded is an event with type and message, and sets no status")
    func recordError() throws {
        struct Broken: Error, CustomStringConvertible { let description = "it broke" }
        let data = try finish { $0.recordError(Broken(), at: 42) }
        let event = try #require(data.events.first)
        #expect(event.name == "exception" && event.timeUnixNano == 42)
        #expect(event.attributes["exception.message"] == "it broke")
        guard case .string(let type) = event.attributes["exception.type"] else {
            Issue.record("no type")
            return
        }
        #expect(type.hasSuffix("Broken"))
        #expect(data.status.code == .unset)
    }

    @Test("a link or event that was over its own limits is warned of once for a span")
    func oneWarning() async {
        await #expect(processExitsWith: .success) {
            let names = Warnings()
            SDKDiagnostics.setHandler { problem in
                if case .spanLimitExceeded(let name) = problem { names.add(name) }
            }
            let limits = SpanLimits(attributeCount: 1, eventCount: 1, linkCount: 1, attributesPerEvent: 1)
            let telemetry = TestTelemetry(limits: limits)
            let tracer = telemetry.provider.tracer(TelemetryScope("test"))
            tracer.startSpan("within", attributes: ["a": 1]).end()
            let many = tracer.startSpan("over")
            for index in 0..<10 {
                many.setAttribute("\(index)", index)
                many.addEvent("event")
                many.addLink(to: many.context)
            }
            many.end()
            let one = tracer.startSpan("within an event")
            one.addEvent("event", ["a": 1, "b": 2])
            one.end()
            #expect(names.all == ["over", "within an event"])
        }
    }
}

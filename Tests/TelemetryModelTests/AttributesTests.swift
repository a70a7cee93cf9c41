// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@Suite("Model: attributes")
struct AttributesTests {
    @Test("setting a key again overwrites its value in its place")
    func overwrites() {
        var attributes: Attributes = ["a": 1, "b": 2]
        attributes["a"] = "new"
        #expect(attributes.map(\.key) == ["a", "b"])
        #expect(attributes["a"] == "new")
    }

    @Test("a key that was received twice stays twice, and the last one counts")
    func duplicates() {
        var attributes = Attributes([Attribute(key: "a", value: 1), Attribute(key: "a", value: 2)])
        #expect(attributes.count == 2)
        #expect(attributes["a"] == 2)
        attributes["a"] = nil
        #expect(attributes.isEmpty)
    }

    @Test("a dictionary literal sets each key once")
    func literal() {
        let attributes: Attributes = ["a": 1, "a": [true, 1.5, "x", ["k": .empty]]]
        #expect(attributes.count == 1)
        #expect(attributes["a"] == .array([.bool(true), .double(1.5), .string("x"), .map(["k": .empty])]))
        #expect(attributes["b"] == nil)
    }

    @Test("values of different kinds differ, and NaN is NaN")
    func equality() {
        let values: [AttributeValue] = [
            "1", true, 1, 1.5, .bytes([1]), [1], ["k": 1], .empty, .double(.nan), "", .bytes([]), [], [:],
        ]
        for (left, one) in values.enumerated() {
            for (right, other) in values.enumerated() {
                #expect((one == other) == (left == right))
            }
        }
        #expect(Set(values + values).count == values.count)
        #expect(AttributeValue.double(0) == .double(-0.0))
        #expect(AttributeValue.double(0).hashValue == AttributeValue.double(-0.0).hashValue)
    }

    @Test("maps are equal when their members are, in order")
    func mapOrder() {
        #expect(AttributeValue.map(["a": 1, "b": 2]) != .map(["b": 2, "a": 1]))
    }

    @Test("the service name is the string under service.name, and nothing else")
    func serviceName() {
        #expect(Resource(attributes: ["service.name": "items"]).serviceName == "items")
        #expect(Resource(attributes: ["service.name": 7]).serviceName == nil)
        #expect(Resource().serviceName == nil)
    }

    @Test("a span whose clock was set back lasted nothing")
    func duration() {
        var span = SpanData(
            traceID: .invalid, spanID: .invalid, name: "", startTimeUnixNano: 10, endTimeUnixNano: 25)
        #expect(span.durationNano == 15)
        span.endTimeUnixNano = 9
        #expect(span.durationNano == 0)
    }
}

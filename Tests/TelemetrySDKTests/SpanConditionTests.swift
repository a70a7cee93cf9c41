// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Sampling: conditions")
struct SpanConditionTests {
    func request(
        _ name: String = "span", kind: SpanKind = .server, attributes: Attributes = [:],
        parent: SpanContext? = nil
    ) -> SamplingIntentRequest {
        SamplingIntentRequest(
            SamplingRequest(
                parent: parent, traceID: TraceID(high: 1, low: 1), name: name, kind: kind,
                attributes: attributes))
    }

    @Test(
        "a route is known by its attribute, else by the span's name, else by the path",
        arguments: [
            ("GET /health", [:], true), ("GET /health/", [:], true), ("GET /healthy", [:], false),
            ("GET", [:], false), ("GET", ["url.path": "/health"], true),
            ("GET", ["http.route": "/health"], true),
            ("GET /health", ["http.route": "/other"], false), ("GET /other", ["url.path": "/health"], false),
            ("health", [:], false), ("wait for /health", [:], false),
        ] as [(String, Attributes, Bool)])
    func route(name: String, attributes: Attributes, fits: Bool) {
        let condition = SpanCondition(route: "/health")
        #expect(condition.matches(request(name, attributes: attributes)) == fits)
        #expect(!condition.matches(request(name, kind: .client, attributes: attributes)))
    }

    @Test("a slash at the end of either makes no difference")
    func slash() {
        #expect(SpanCondition(route: "/health/").matches(request("GET /health")))
        #expect(SpanCondition(route: "/").matches(request("GET /")))
        #expect(!SpanCondition(route: "/").matches(request("GET /a")))
        #expect(SpanCondition(route: "/internal/*").matches(request("GET /internal/a/b")))
    }

    @Test(
        "patterns: * is any characters, ? is one",
        arguments: [
            ("a", "a", true), ("a", "b", false), ("a", "aa", false), ("*", "", true), ("*", "ab", true),
            ("a*", "abc", true), ("*c", "abc", true), ("a*c", "abbc", true), ("a*c", "abcd", false),
            ("a?c", "abc", true), ("a?c", "ac", false), ("?", "ü", true), ("*ü", "aü", true),
            ("a**b", "ab", true),
            ("*a*b*", "xxaxxbxx", true), ("", "", true), ("", "a", false), ("?*", "", false),
        ] as [(String, String, Bool)])
    func patterns(pattern: String, name: String, fits: Bool) {
        #expect(NamePattern(pattern).matches(name) == fits)
    }

    @Test("a pattern of many stars against a long name ends soon")
    func boundedPattern() {
        let name = String(repeating: "a", count: 5_000)
        #expect(!NamePattern(String(repeating: "a*", count: 50) + "b").matches(name))
    }

    @Test("conditions know name, kind, attributes and parent, and combine")
    func others() {
        let parent = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1), isRemote: true)
        let request = request("span", attributes: ["a": 1], parent: parent)
        #expect(SpanCondition(name: "sp*").matches(request))
        #expect(SpanCondition(kind: .server).matches(request))
        #expect(SpanCondition(attribute: "a").matches(request))
        #expect(!SpanCondition(attribute: "b").matches(request))
        #expect(SpanCondition(attribute: "a", 1).matches(request))
        #expect(!SpanCondition(attribute: "a", 2).matches(request))
        #expect(SpanCondition.parentIsRemote.matches(request))
        #expect(!SpanCondition.isRoot.matches(request))
        #expect((SpanCondition(name: "span") && SpanCondition(kind: .server)).matches(request))
        #expect(!(SpanCondition(name: "span") && SpanCondition(kind: .client)).matches(request))
        #expect((SpanCondition(name: "x") || SpanCondition(kind: .server)).matches(request))
        #expect((!SpanCondition(name: "x")).matches(request))
        #expect(SpanCondition("long name") { $0.name.count > 3 }.matches(request))
        #expect((SpanCondition(name: "a") && !SpanCondition.isRoot).description == "(name a and not root)")
    }
}

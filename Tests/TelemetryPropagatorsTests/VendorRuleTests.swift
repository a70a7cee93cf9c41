// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import Testing

private let trace = "0af7651916cd43dd8448eb211c80319c"
private let span = "b7ad6b7169203331"
private let root = "1-0af76519-16cd43dd8448eb211c80319c"
private let b3 = B3Propagator()
private let b3Multi = B3Propagator(form: .multi)
private let jaeger = JaegerPropagator()
private let xray = XRayPropagator()
private let otTrace = OTTracePropagator()

/// A context whose span is one of this process.
private func local(sampled: Bool = true) -> ServiceContext {
    var context = b3.context(from: ["b3": "\(trace)-\(span)-\(sampled ? 1 : 0)"])
    context.spanContext = context.spanContext.map {
        SpanContext(traceID: $0.traceID, spanID: $0.spanID, traceFlags: $0.traceFlags)
    }
    return context
}

@Suite("Vendor propagators: rules")
struct VendorRuleTests {
    @Test(
        "the single header of B3 is all or nothing",
        arguments: [
            "\(trace)-\(span)-1-", "\(trace)-\(span)-", "\(trace)-\(span)-1-xyz",
            "\(trace)-\(span)-1-\(span)-1",
            "\(trace)1-\(span)-1", "00000000000000000000000000000000-\(span)-1",
            "\(trace)-0000000000000000-1",
            "\(trace)-\(span)-11", "\(trace)--1",
        ])
    func b3Broken(header: String) {
        #expect(b3.context(from: ["b3": header]).isEmpty)
    }

    @Test(
        "B3 without a sampling state leaves the decision to the next service, until a span of this one is current"
    )
    func b3Deferred() {
        var context = b3.context(from: ["b3": "\(trace)-\(span)"])
        #expect(context.spanContext?.isSampled == false)
        #expect(b3.headers(for: context) == ["b3": "\(trace)-\(span)"])
        #expect(b3Multi.headers(for: context) == ["x-b3-traceid": trace, "x-b3-spanid": span])
        context.spanContext = local(sampled: false).spanContext
        #expect(b3.headers(for: context) == ["b3": "\(trace)-\(span)-0"])
        #expect(b3Multi.headers(for: context)["x-b3-sampled"] == "0")
    }

    @Test("debug goes from B3 to Jaeger and back, and ends with the next caller's decision")
    func debugAcross() {
        let context = b3.context(from: ["b3": "\(trace)-\(span)-d"])
        let headers = jaeger.headers(for: context)
        #expect(headers == ["uber-trace-id": "\(trace):\(span):0:3"])
        #expect(b3.headers(for: jaeger.context(from: headers)) == ["b3": "\(trace)-\(span)-d"])
        let next = b3.context(from: ["b3": "\(trace)-\(span)-0"], on: context)
        #expect(b3.headers(for: next) == ["b3": "\(trace)-\(span)-0"])
    }

    @Test("X-B3-Flags: 1 is debug whatever X-B3-Sampled says; other flags are ignored")
    func b3Flags() {
        let ids = ["x-b3-traceid": trace, "x-b3-spanid": span]
        func state(_ more: [String: String]) -> String? {
            b3.headers(for: b3.context(from: ids.merging(more) { $1 }))["b3"].map { String($0.dropFirst(50)) }
        }
        #expect(state(["x-b3-flags": "1", "x-b3-sampled": "0"]) == "d")
        #expect(state(["x-b3-flags": "0", "x-b3-sampled": "1"]) == "1")
        #expect(state(["x-b3-flags": "9", "x-b3-sampled": "False"]) == "0")
    }

    @Test("a malformed sampling state of B3 spoils the four headers", arguments: ["", "2", "yes", "-", "01"])
    func b3Sampled(state: String) {
        let headers = ["x-b3-traceid": trace, "x-b3-spanid": span, "x-b3-sampled": state]
        #expect(b3.context(from: headers).isEmpty)
    }

    @Test("of several headers that were joined the first counts")
    func joined() {
        let other = "463ac35c9f6413ad48485a3953bb6124"
        let cases: [(any TextMapPropagator, [String: String])] = [
            (b3, ["b3": "\(trace)-\(span)-1,\(other)-\(span)-1"]),
            (
                b3,
                [
                    "x-b3-traceid": " \(trace) , \(other)", "x-b3-spanid": "\(span),\(span)",
                    "x-b3-sampled": "1,0",
                ]
            ),
            (jaeger, ["uber-trace-id": "\(trace):\(span):0:1, \(other):\(span):0:1"]),
            (xray, ["x-amzn-trace-id": "Root=\(root);Parent=\(span);Sampled=1,Root=1"]),
        ]
        for (propagator, headers) in cases {
            #expect(propagator.context(from: headers).spanContext?.traceID.hex == trace)
        }
    }

    @Test(
        "a broken header of Jaeger, X-Ray or OT Trace leaves the context alone",
        arguments: [
            "", ":", "::::", "\(trace):\(span):0", "\(trace):\(span):0:1:1", "\(trace):0:0:1",
            "0:\(span):0:1",
            "\(trace):\(span):0:100", "\(trace)0:\(span):0:1", "x:\(span):0:1", "Root=\(root)",
            "Root=2\(root.dropFirst());Parent=\(span)",
            "Root=1-0af7651-916cd43dd8448eb211c80319c;Parent=\(span)",
            "Root=1-00000000-000000000000000000000000;Parent=\(span)", "Root=\(root);Parent=0000000000000000",
            ";;;===", String(repeating: "Root=1;", count: 10_000), String(repeating: "%3A", count: 10_000),
        ])
    func broken(header: String) {
        #expect(jaeger.context(from: ["uber-trace-id": header]).isEmpty)
        #expect(xray.context(from: ["x-amzn-trace-id": header]).isEmpty)
        #expect(otTrace.context(from: ["ot-tracer-traceid": header, "ot-tracer-spanid": span]).isEmpty)
    }

    @Test(
        "\"?\" of X-Ray and a missing state are not sampled",
        arguments: ["", ";Sampled=?", ";Sampled=0", ";Sampled="])
    func xrayDeferred(tail: String) throws {
        let header = "Root=\(root);Parent=\(span)\(tail)"
        let found = try #require(xray.context(from: ["x-amzn-trace-id": header]).spanContext)
        #expect(!found.isSampled)
    }

    @Test("OT Trace reads short and long trace ids and true in any case")
    func otTraceReads() {
        for (id, expected) in [(trace, trace), ("8448eb211c80319c", "00000000000000008448eb211c80319c")] {
            let headers = ["ot-tracer-traceid": id, "ot-tracer-spanid": span, "ot-tracer-sampled": "TRUE"]
            let found = otTrace.context(from: headers).spanContext
            #expect(found?.traceID.hex == expected)
            #expect(found?.isSampled == true)
        }
    }

    @Test(
        "baggage travels in headers of its own where the format has them",
        arguments: [(jaeger as any TextMapPropagator, "uberctx-"), (otTrace, "ot-baggage-")])
    func prefixedBaggage(propagator: any TextMapPropagator, prefix: String) {
        let isJaeger = prefix == "uberctx-"
        var sent = local()
        sent.baggage["tenant"] = "acme co"
        sent.baggage["not a token"] = "x"
        sent.baggage["line"] = "a\nb"
        var headers: [String: String] = [:]
        propagator.inject(sent, into: &headers, using: DictionaryCarrier())
        #expect(headers[prefix + "tenant"] == (isJaeger ? "acme%20co" : "acme co"))
        #expect(headers[prefix + "line"] == (isJaeger ? "a%0Ab" : nil))
        #expect(headers.count == propagator.fields.count + (isJaeger ? 2 : 1))

        headers["X-Other"] = "1"
        headers[prefix.uppercased() + "Tier"] = "gold"
        var received = ServiceContext.topLevel
        received.baggage["own"] = "kept"
        propagator.extract(headers, into: &received, using: DictionaryCarrier())
        #expect(received.spanContext?.isValid == true)
        #expect(received.baggage["tenant"] == "acme co")
        #expect(received.baggage["Tier"] == "gold")
        #expect(received.baggage["own"] == "kept")
        #expect(received.baggage.entries.count == (isJaeger ? 4 : 3))
        // An extractor that cannot list its keys finds none of them.
        #expect(propagator.context(from: headers).baggage.isEmpty)
    }

    @Test("Jaeger reads baggage that people write by hand, and no more than the limits allow")
    func jaegerBaggage() {
        let few = jaeger.context(from: ["jaeger-baggage": "a=1, b = two%20words ,=3,c"]).baggage
        #expect(few.entries.map { "\($0.name)=\($0.value)" } == ["a=1", "b=two words"])
        let many = (0..<1000).map { "k\($0)=v" }.joined(separator: ",")
        #expect(jaeger.context(from: ["jaeger-baggage": many]).baggage.entries.count == 64)
        let headers = Dictionary(uniqueKeysWithValues: (0..<1000).map { ("uberctx-k\($0)", "v") })
        var context = ServiceContext.topLevel
        jaeger.extract(headers, into: &context, using: DictionaryCarrier())
        #expect(context.baggage.entries.count == 64)
        let large = ["uberctx-a": String(repeating: "x", count: 8_192), "uberctx-b": "1"]
        context = .topLevel
        jaeger.extract(large, into: &context, using: DictionaryCarrier())
        #expect(context.baggage.entries.map(\.name) == ["b"])
    }
}

// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import Testing

private let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
private let standard = CompositePropagator.standard

/// As swift-subprocess's `Environment.Key`.
private struct VariableName: RawRepresentable, Hashable {
    let rawValue: String
    init?(rawValue: String) { self.rawValue = rawValue }
}

private typealias Changes = [VariableName: String?]

@Suite("Carriers")
struct CarrierTests {
    private let context = standard.context(
        from: ["traceparent": parent, "tracestate": "a=1,b=2", "baggage": "tenant=acme"])

    @Test("an injector is told each header with its name, and decides alone where it goes")
    func setter() {
        struct Recorder: Injector {
            func inject(_ value: String, forKey key: String, into carrier: inout [String]) {
                carrier.append("\(key): \(value)")
            }
        }
        var lines: [String] = []
        standard.inject(context, into: &lines, using: Recorder())
        #expect(lines == ["traceparent: \(parent)", "tracestate: a=1,b=2", "baggage: tenant=acme"])
    }

    @Test("names of headers have no case, and setting one replaces every spelling of it")
    func dictionary() {
        let carrier = DictionaryCarrier()
        var headers = ["TraceParent": "old", "x": "1"]
        #expect(carrier.extract(key: "traceparent", from: headers) == "old")
        #expect(carrier.extract(key: "tracestate", from: headers) == nil)
        carrier.inject("new", forKey: "traceparent", into: &headers)
        #expect(headers == ["traceparent": "new", "x": "1"])
        #expect(carrier.keys(in: headers).sorted() == ["traceparent", "x"])
        #expect(carrier.extractAll(key: "X", from: headers) == ["1"])
        #expect(carrier.extractAll(key: "y", from: headers) == [])
    }

    @Test("several headers of one name are one list, in their order")
    func list() {
        let carrier = HeaderListCarrier()
        var headers: HeaderListCarrier.Carrier = [
            (name: "traceparent", value: parent), (name: "Tracestate", value: "a=1"), (name: "x", value: "0"),
            (name: "tracestate", value: ""), (name: "tracestate", value: "b=2, c=3"),
            (name: "baggage", value: "k=1"), (name: "Baggage", value: "l=2"),
        ]
        var context = ServiceContext.topLevel
        standard.extract(headers, into: &context, using: carrier)
        #expect(context.spanContext?.traceState.headerValue == "a=1,b=2,c=3")
        #expect(context.baggage.entries.map(\.name) == ["k", "l"])
        #expect(carrier.keys(in: headers) == ["traceparent", "Tracestate", "x", "baggage"])
        #expect(carrier.extractAll(key: "TRACESTATE", from: headers) == ["a=1", "", "b=2, c=3"])

        carrier.inject("z=9", forKey: "tracestate", into: &headers)
        #expect(carrier.extractAll(key: "tracestate", from: headers) == ["z=9"])

        headers.append((name: "traceparent", value: parent))
        context = .topLevel
        standard.extract(headers, into: &context, using: carrier)
        #expect(context.spanContext == nil, "two traceparent headers are none")
    }

    @Test("variables have normalized names")
    func variableNames() {
        #expect(EnvironmentCarrier.variable(for: "traceparent") == "TRACEPARENT")
        #expect(EnvironmentCarrier.variable(for: "X-B3-TraceId") == "X_B3_TRACEID")
        #expect(EnvironmentCarrier.variable(for: "3d") == "_3D")
        #expect(EnvironmentCarrier.variable(for: "") == "_")
        #expect(EnvironmentCarrier.variable(for: "é.x") == "__X")
        #expect(EnvironmentCarrier.variable(for: "_A1") == "_A1")
    }

    @Test("reading, writing and listing variables is by normalized names alone, values are opaque")
    func environment() {
        let carrier = EnvironmentCarrier()
        var variables = ["x-b3-traceid": "no", "PATH": "/bin", "_": "x", "1A": "no", "": "no", "a": "no"]
        #expect(carrier.extract(key: "x-b3-traceid", from: variables) == nil)
        carrier.inject("a;b=\n", forKey: "x-b3-traceid", into: &variables)
        #expect(variables["X_B3_TRACEID"] == "a;b=\n")
        #expect(carrier.extract(key: "x-b3-traceid", from: variables) == "a;b=\n")
        #expect(carrier.keys(in: variables).sorted() == ["PATH", "X_B3_TRACEID", "_"])
    }

    @Test(
        "a child process gets trace, state and baggage in its environment, in any format",
        arguments: [
            standard as any TextMapPropagator, B3Propagator(form: .multi), JaegerPropagator(),
            XRayPropagator(),
        ])
    func child(propagator: any TextMapPropagator) {
        let environment = ["PATH": "/bin", "TRACESTATE": "other=1"].carrying(context, by: propagator)
        #expect(environment["PATH"] == "/bin")
        let handed = ServiceContext.handed(in: environment, by: propagator)
        #expect(handed.spanContext?.spanID == context.spanContext?.spanID)
        #expect(handed.spanContext?.isRemote == true)
        if propagator.fields.contains("traceparent") {
            #expect(handed.spanContext?.traceState.headerValue == "a=1,b=2")
            #expect(handed.baggage["tenant"] == "acme")
        }
    }

    @Test("a child never gets a half of another context; without a context it gets what there was")
    func stale() {
        let inherited = ["TRACEPARENT": "p", "TRACESTATE": "s", "BAGGAGE": "b", "X": "1"]
        let bare = W3CTraceContextPropagator().context(from: ["traceparent": parent])
        #expect(inherited.carrying(bare, by: standard) == ["TRACEPARENT": parent, "X": "1"])
        #expect(inherited.carrying(nil, by: standard) == inherited)
        #expect(inherited.carrying(.topLevel, by: standard) == inherited)
    }

    @Test("swift-subprocess's kind of dictionary is made in one call")
    func subprocess() throws {
        let bare = W3CTraceContextPropagator().context(from: ["traceparent": parent])
        let changes = Changes.traceContext(of: bare, by: standard)
        func change(_ name: String) -> String?? { VariableName(rawValue: name).flatMap { changes[$0] } }
        #expect(changes.count == 3)
        #expect(change("TRACEPARENT") == .some(parent))
        #expect(change("TRACESTATE") == .some(nil))
        #expect(change("BAGGAGE") == .some(nil))
        // Nothing is installed in this task, so there is nothing to hand on.
        #expect(Changes.currentTraceContext.isEmpty)
    }
}

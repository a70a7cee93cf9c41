// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import Testing

private struct Headers: Injector, Extractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key.lowercased()] }
}

private func extract(_ headers: [String: String], by propagator: some TextMapPropagator) -> ServiceContext {
    var context = ServiceContext.topLevel
    propagator.extract(headers, into: &context, using: Headers())
    return context
}

private func inject(_ context: ServiceContext, by propagator: some TextMapPropagator) -> [String: String] {
    var headers: [String: String] = [:]
    propagator.inject(context, into: &headers, using: Headers())
    return headers
}

private let trace = "0af7651916cd43dd8448eb211c80319c"
private let span = "b7ad6b7169203331"

private func context(sampled: Bool) -> ServiceContext {
    var context = ServiceContext.topLevel
    context.spanContext = TraceID(hex: trace).flatMap { traceID in
        SpanID(hex: span).map {
            SpanContext(traceID: traceID, spanID: $0, traceFlags: sampled ? .sampled : [])
        }
    }
    return context
}

@Suite("Vendor propagators")
struct VendorPropagatorTests {
    @Test(
        "B3 reads the single header",
        arguments: [
            ("\(trace)-\(span)-1", true), ("\(trace)-\(span)-d", true), ("\(trace)-\(span)-0", false),
            ("\(trace)-\(span)", false), ("\(trace)-\(span)-1-05e3ac9a4f6e3b90", true),
        ])
    func b3Single(header: String, sampled: Bool) throws {
        let found = try #require(extract(["b3": header], by: B3Propagator()).spanContext)
        #expect(found.traceID.hex == trace)
        #expect(found.spanID.hex == span)
        #expect(found.isSampled == sampled)
        #expect(found.isRemote)
    }

    @Test("B3 reads the four headers, pads a short trace id and takes true for 1")
    func b3Multi() throws {
        let headers = ["x-b3-traceid": "8448eb211c80319c", "x-b3-spanid": span, "x-b3-sampled": "true"]
        let found = try #require(extract(headers, by: B3Propagator()).spanContext)
        #expect(found.traceID.hex == "00000000000000008448eb211c80319c")
        #expect(found.isSampled)
    }

    @Test("B3 prefers the single header and falls back to the four when it is garbage")
    func b3Order() throws {
        let other = "463ac35c9f6413ad48485a3953bb6124"
        let multi = ["x-b3-traceid": other, "x-b3-spanid": span, "x-b3-sampled": "1"]
        let both = extract(multi.merging(["b3": "\(trace)-\(span)-1"]) { $1 }, by: B3Propagator()).spanContext
        #expect(both?.traceID.hex == trace)
        let garbage = extract(multi.merging(["b3": "nonsense"]) { $1 }, by: B3Propagator()).spanContext
        #expect(garbage?.traceID.hex == other)
    }

    @Test("B3 keeps debug and sends it on in both forms")
    func b3Debug() {
        let incoming = extract(["b3": "\(trace)-\(span)-d"], by: B3Propagator())
        #expect(inject(incoming, by: B3Propagator()) == ["b3": "\(trace)-\(span)-d"])
        let multi = inject(incoming, by: B3Propagator(form: .multi))
        #expect(multi == ["x-b3-traceid": trace, "x-b3-spanid": span, "x-b3-flags": "1"])
    }

    @Test(
        "B3 deny and broken headers leave the context alone",
        arguments: [
            "0", "1", "d", "", "-", "\(trace)-", "\(trace)-\(span)-x", "\(trace)-\(span)-1-",
            "\(trace)-\(span)-",
            "\(trace)-\(span)-1-xyz", "\(trace)-\(span)-1-\(span)-1", "\(trace)1-\(span)-1",
            "00000000000000000000000000000000-\(span)-1", "\(trace)-0000000000000000-1",
        ])
    func b3Nothing(header: String) {
        #expect(extract(["b3": header], by: B3Propagator()).isEmpty)
    }

    @Test(
        "Jaeger reads shortened ids and percent-encoded colons",
        arguments: [
            ("\(trace):\(span):0:1", trace, span, true), ("\(trace)%3A\(span)%3A0%3A3", trace, span, true),
            ("1:2:0:0", "00000000000000000000000000000001", "0000000000000002", false),
            ("\(trace):\(span):0:2", trace, span, true),
        ])
    func jaegerReads(header: String, trace: String, span: String, sampled: Bool) throws {
        let found = try #require(extract(["uber-trace-id": header], by: JaegerPropagator()).spanContext)
        #expect(found.traceID.hex == trace)
        #expect(found.spanID.hex == span)
        #expect(found.isSampled == sampled)
    }

    @Test("X-Ray splits the trace id after eight digits and ignores fields it does not know")
    func xray() throws {
        let header = "Self=1-x-y; Root=1-0af76519-16cd43dd8448eb211c80319c; Parent=\(span); Sampled=1"
        let found = try #require(extract(["x-amzn-trace-id": header], by: XRayPropagator()).spanContext)
        #expect(found.traceID.hex == trace)
        #expect(found.isSampled)
        #expect(
            inject(context(sampled: true), by: XRayPropagator())
                == ["x-amzn-trace-id": "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=\(span);Sampled=1"])
    }

    @Test("each format reads what it writes", arguments: [true, false])
    func roundTrip(sampled: Bool) {
        let sent = context(sampled: sampled)
        func check(_ propagator: some TextMapPropagator, trace expected: String = trace) {
            let headers = inject(sent, by: propagator)
            #expect(Set(headers.keys).isSubset(of: Set(propagator.fields.map { $0.lowercased() })))
            let received = extract(headers, by: propagator).spanContext
            #expect(received?.traceID.hex == expected)
            #expect(received?.spanID.hex == span)
            #expect(received?.isSampled == sampled)
            #expect(received?.isRemote == true)
        }
        check(B3Propagator())
        check(B3Propagator(form: .multi))
        check(JaegerPropagator())
        check(XRayPropagator())
        check(OTTracePropagator(), trace: "0000000000000000" + trace.suffix(16))
    }

    @Test("no context, no headers; no headers, no context")
    func nothing() {
        func check(_ propagator: some TextMapPropagator) {
            #expect(inject(.topLevel, by: propagator).isEmpty)
            #expect(extract([:], by: propagator).isEmpty)
        }
        check(B3Propagator())
        check(B3Propagator(form: .multi))
        check(JaegerPropagator())
        check(XRayPropagator())
        check(OTTracePropagator())
    }
}

// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import Testing

private let trace = "0af7651916cd43dd8448eb211c80319c"
private let span = "b7ad6b7169203331"

/// Headers under the very names that are asked for: nothing is done to a name 200,000 times.
private struct ExactNames: Extractor {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
}

@Suite("Vendor propagators: mutated headers")
struct MutatedHeaderTests {
    /// 200,000 mutations of `headers`: nothing traps, what is accepted is valid and goes out as the same context, and
    /// both happens.
    private func check(_ propagator: some TextMapPropagator, _ headers: [(String, String)], seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var accepted = 0
        var carrier = Dictionary(uniqueKeysWithValues: headers)
        for round in 0..<200_000 {
            let (name, value) = headers[round % headers.count]
            carrier[name] = generator.mutation(of: value)
            var extracted = ServiceContext.topLevel
            propagator.extract(carrier, into: &extracted, using: ExactNames())
            defer { carrier[name] = value }
            guard let found = extracted.spanContext else { continue }
            accepted += 1
            if !found.isValid { Issue.record("\(carrier) gave an invalid context") }
            guard round % 64 == 0 else { continue }
            var context = ServiceContext.topLevel
            context.spanContext = found
            let again = propagator.context(from: propagator.headers(for: context)).spanContext
            if again?.spanID != found.spanID || again?.isSampled != found.isSampled {
                Issue.record("\(carrier)")
            }
        }
        #expect((1_000..<199_000).contains(accepted), "\(accepted) accepted")
    }

    @Test("200,000 mutated b3 headers: no trap, no invalid context, no part of one")
    func b3() { check(B3Propagator(), [("b3", "\(trace)-\(span)-1")], seed: 11) }

    @Test("200,000 mutated X-B3 headers: no trap, no invalid context, no part of one")
    func b3Multi() {
        check(
            B3Propagator(form: .multi),
            [("X-B3-TraceId", trace), ("X-B3-SpanId", span), ("X-B3-Sampled", "1")],
            seed: 12)
    }

    @Test("200,000 mutated uber-trace-id headers: no trap, no invalid context, no part of one")
    func jaeger() { check(JaegerPropagator(), [("uber-trace-id", "\(trace):\(span):0:1")], seed: 13) }

    @Test("200,000 mutated X-Amzn-Trace-Id headers: no trap, no invalid context, no part of one")
    func xray() {
        check(
            XRayPropagator(),
            [("X-Amzn-Trace-Id", "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=\(span);Sampled=1")],
            seed: 14)
    }

    @Test("200,000 mutated OT Trace headers: no trap, no invalid context, no part of one")
    func otTrace() {
        check(
            OTTracePropagator(),
            [("ot-tracer-traceid", trace), ("ot-tracer-spanid", span), ("ot-tracer-sampled", "true")],
            seed: 15)
    }

    @Test("20,000 mutated baggage headers of Jaeger: no trap, and never beyond the limits")
    func jaegerBaggage() {
        var generator = SeededGenerator(seed: 16)
        let propagator = JaegerPropagator()
        var read = 0
        for _ in 0..<20_000 {
            let header = generator.mutation(of: "a=1, b=%C3%A9")
            var context = ServiceContext.topLevel
            propagator.extract(["jaeger-baggage": header], into: &context, using: ExactNames())
            let baggage = context.baggage
            read += baggage.isEmpty ? 0 : 1
            if baggage.entries.count > 64 || baggage[""] != nil { Issue.record("\(header)") }
        }
        #expect((1_000..<20_000).contains(read))
    }
}

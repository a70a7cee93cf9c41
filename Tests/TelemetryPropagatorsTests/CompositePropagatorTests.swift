// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import Testing

private let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

@Suite("Composite propagator")
struct CompositePropagatorTests {
    @Test("the standard is trace context and baggage")
    func standard() {
        let headers = ["traceparent": parent, "tracestate": "a=1", "baggage": "k=v"]
        #expect(CompositePropagator.standard.fields == ["traceparent", "tracestate", "baggage"])
        let context = CompositePropagator.standard.context(from: headers)
        #expect(CompositePropagator.standard.headers(for: context) == headers)
    }

    @Test("propagators run in the order given: what the later one reads wins")
    func order() {
        let headers = ["traceparent": parent, "b3": "463ac35c9f6413ad48485a3953bb6124-a2fb4a1d1a96d312-1"]
        func spanID(_ propagators: [any TextMapPropagator]) -> String? {
            CompositePropagator(propagators).context(from: headers).spanContext?.spanID.hex
        }
        #expect(spanID([W3CTraceContextPropagator(), B3Propagator()]) == "a2fb4a1d1a96d312")
        #expect(spanID([B3Propagator(), W3CTraceContextPropagator()]) == "b7ad6b7169203331")
    }

    @Test("a propagator named twice runs once, composites are opened")
    func distinct() {
        let nested = CompositePropagator([
            CompositePropagator.standard, W3CTraceContextPropagator(), B3Propagator(),
            B3Propagator(form: .multi),
        ])
        #expect(nested.fields.count == 8)
        let asked = CountingExtractor()
        var context = ServiceContext.topLevel
        CompositePropagator([CompositePropagator.standard, W3CTraceContextPropagator()])
            .extract(asked, into: &context, using: CountingExtractor.Reader())
        #expect(asked.names == ["traceparent", "baggage"])
    }

    @Test("none carries nothing in either direction")
    func none() {
        #expect(CompositePropagator.none.fields == [])
        #expect(CompositePropagator.none.context(from: ["traceparent": parent]).isEmpty)
    }
}

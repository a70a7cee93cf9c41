// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import HTTPTypes
import TelemetryPropagators
import TelemetrySDK
import Testing
import Tracing

@Suite("Article: Which headers does my context travel in, and how do I change them?")
struct ChooseHeadersSnippets {
    /// Compiled only.
    private func inSettings(_ settings: inout TelemetrySettings) {
        settings.propagators = [.traceContext, .baggage, .b3]
    }

    @Test("a composite writes the headers of all its parts")
    func byHand() {
        let provider = TracerProvider(processors: [SimpleSpanProcessor(exporter: InMemorySpanExporter())])
        let propagator = CompositePropagator([W3CTraceContextPropagator(), B3Propagator(form: .multi)])
        let tracer = provider.tracingTracer(propagator: propagator)
        withTracer(tracer) {
            withSpan("call") { _ in
                var headers: [String: String] = [:]
                headers.inject(.current)
                let names = Set(headers.keys.map { $0.lowercased() })
                #expect(names.isSuperset(of: ["traceparent", "x-b3-traceid", "x-b3-spanid", "x-b3-sampled"]))
            }
        }
    }
}

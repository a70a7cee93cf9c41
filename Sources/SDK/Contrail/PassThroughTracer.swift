// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import TelemetryAPI
import TelemetryPropagators
import Tracing

/// The tracer of a program whose telemetry is off: records nothing, allocates nothing for a span, and hands
/// what came in with a request on to the next service.
struct PassThroughTracer: Tracer, PropagatorProviding {
    typealias Span = NoOpTracer.Span

    let propagator: CompositePropagator

    func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: Tracing.SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> NoOpTracer.Span {
        NoOpTracer.Span(context: context())
    }

    var textMapPropagator: any TextMapPropagator { propagator }

    func forceFlush() {}

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        propagator.inject(context, into: &carrier, using: injector)
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        propagator.extract(carrier, into: &context, using: extractor)
    }
}

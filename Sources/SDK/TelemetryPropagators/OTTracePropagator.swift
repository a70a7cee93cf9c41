// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// The headers of the OpenTracing basic tracers: `ot-tracer-traceid`, `ot-tracer-spanid`,
/// `ot-tracer-sampled`.
///
/// Source: OpenTelemetry specification 1.60, "OT Trace" (deprecated there; kept for services that still
/// speak it).
public struct OTTracePropagator: TextMapPropagator {
    public init() {}

    public var fields: [String] { ["ot-tracer-traceid", "ot-tracer-spanid", "ot-tracer-sampled"] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        // Receivers of this format read 64-bit trace ids: the right half, as the reference implementations
        // send it.
        injector.inject(String(span.traceID.hex.suffix(16)), forKey: "ot-tracer-traceid", into: &carrier)
        injector.inject(span.spanID.hex, forKey: "ot-tracer-spanid", into: &carrier)
        injector.inject(span.isSampled ? "true" : "false", forKey: "ot-tracer-sampled", into: &carrier)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let traceText = extractor.extract(key: "ot-tracer-traceid", from: carrier),
            let spanText = extractor.extract(key: "ot-tracer-spanid", from: carrier),
            let trace = TraceID(paddedHex: traceText), let span = SpanID(hex: spanText), trace.isValid,
            span.isValid
        else { return }
        let sampled = extractor.extract(key: "ot-tracer-sampled", from: carrier)?.lowercased()
        context.spanContext = SpanContext(
            traceID: trace, spanID: span, traceFlags: sampled == "true" || sampled == "1" ? .sampled : [],
            isRemote: true)
    }
}

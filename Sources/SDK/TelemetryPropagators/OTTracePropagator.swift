// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// The headers of the OpenTracing basic tracers: `ot-tracer-traceid`, `ot-tracer-spanid`, `ot-tracer-sampled`, and
/// baggage in `ot-baggage-{name}`.
///
/// Baggage is read when the extractor is a `KeyedExtractor`.
/// Source: OpenTelemetry specification 1.60, "OT Trace" (deprecated there; kept for services that still speak it).
public struct OTTracePropagator: TextMapPropagator {
    private static let traceHeader = "ot-tracer-traceid"
    private static let spanHeader = "ot-tracer-spanid"
    private static let sampledHeader = "ot-tracer-sampled"
    private static let baggage = PrefixedBaggage(prefix: "ot-baggage-", isPercentEncoded: false)

    /// Bytes of a value; a longer one is not looked at. The longest valid one has 32.
    private static let bytesMax = 64

    public init() {}

    public var fields: [String] { [Self.traceHeader, Self.spanHeader, Self.sampledHeader] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        // Receivers of this format read 64-bit trace ids: the right half, as the reference implementations
        // send it.
        injector.inject(SpanID(value: span.traceID.low).hex, forKey: Self.traceHeader, into: &carrier)
        injector.inject(span.spanID.hex, forKey: Self.spanHeader, into: &carrier)
        injector.inject(span.isSampled ? "true" : "false", forKey: Self.sampledHeader, into: &carrier)
        Self.baggage.inject(context, into: &carrier, using: injector)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard var traceText = extractor.extract(key: Self.traceHeader, from: carrier),
            let traceID = traceText.withFirstValue(bytesMax: Self.bytesMax, { $0.traceID }),
            var spanText = extractor.extract(key: Self.spanHeader, from: carrier),
            let spanID = spanText.withFirstValue(bytesMax: Self.bytesMax, { $0.spanID })
        else { return }
        var isSampled = false
        if var sampled = extractor.extract(key: Self.sampledHeader, from: carrier) {
            isSampled =
                sampled.withFirstValue(bytesMax: Self.bytesMax) {
                    $0.equalsIgnoringCase("true") || $0.equals("1")
                }
                ?? false
        }
        context.spanContext = SpanContext(
            traceID: traceID, spanID: spanID, traceFlags: isSampled ? .sampled : [], isRemote: true)
        CallerDecision.set(nil, in: &context)
        Self.baggage.extract(carrier, into: &context, using: extractor)
    }
}

// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// Jaeger's own headers: `uber-trace-id: {trace}:{span}:{parent}:{flags}`, and baggage in `uberctx-{name}`.
///
/// Ids may have lost their leading zeros and the colons may be percent-encoded. Baggage is read when the extractor is
/// a `KeyedExtractor`, and from `jaeger-baggage`, which people write by hand.
/// Source: Jaeger documentation, "Propagation Format".
public struct JaegerPropagator: TextMapPropagator {
    private static let header = "uber-trace-id"
    private static let baggageHeader = "jaeger-baggage"
    private static let baggage = PrefixedBaggage(prefix: "uberctx-", isPercentEncoded: true)

    /// Bytes of `uber-trace-id`; a longer one is not looked at. The longest valid one has 75.
    private static let bytesMax = 256

    public init() {}

    public var fields: [String] { [Self.header] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let span = context.spanContext, span.isValid {
            let flags = CallerDecision.of(context) == .debug ? "3" : span.isSampled ? "1" : "0"
            // "parent … deprecated, most Jaeger clients ignore": always 0.
            let value = "\(span.traceID.hex):\(span.spanID.hex):0:\(flags)"
            injector.inject(value, forKey: Self.header, into: &carrier)
        }
        Self.baggage.inject(context, into: &carrier, using: injector)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        if var header = extractor.extract(key: Self.header, from: carrier),
            let found = header.withFirstValue(bytesMax: Self.bytesMax, Self.parse)
        {
            // Bit 0: sampled. Bit 1: debug, which implies sampled.
            context.spanContext = SpanContext(
                traceID: found.traceID, spanID: found.spanID,
                traceFlags: found.flags & 3 != 0 ? .sampled : [],
                isRemote: true)
            CallerDecision.set(found.flags & 2 != 0 ? .debug : nil, in: &context)
        }
        Self.baggage.extract(carrier, into: &context, using: extractor)
        if let header = extractor.extract(key: Self.baggageHeader, from: carrier) {
            Self.baggage.extractList(header, into: &context)
        }
    }

    private struct Found {
        let traceID: TraceID
        let spanID: SpanID
        let flags: UInt64
    }

    private static func parse(_ header: HeaderBytes) -> Found? {
        if let found = parsePlain(header) { return found }
        guard header.contains(UInt8(ascii: "%")) else { return nil }
        var decoded = PercentCoding.decodeLeniently(header)
        return decoded.withUTF8(parsePlain)
    }

    private static func parsePlain(_ header: HeaderBytes) -> Found? {
        let colon = UInt8(ascii: ":")
        var rest = header
        guard let traceID = rest.removeFirst(until: colon)?.paddedTraceID,
            let span = rest.removeFirst(until: colon)?.hexadecimal, span != 0,
            // "Parent Span ID … 0 value is valid and means root span"; what it says is not used.
            let parent = rest.removeFirst(until: colon), parent.count <= 16,
            let flags = rest.removeFirst(until: colon), flags.count <= 2, let bits = flags.hexadecimal,
            rest.isExhausted
        else { return nil }
        return Found(traceID: traceID, spanID: SpanID(value: span), flags: bits)
    }
}

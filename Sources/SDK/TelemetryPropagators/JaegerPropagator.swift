// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// Jaeger's own header `uber-trace-id: {trace}:{span}:{parent}:{flags}`.
///
/// Ids may have lost their leading zeros and the colons may be percent-encoded.
/// Source: Jaeger documentation, "Propagation Format".
public struct JaegerPropagator: TextMapPropagator {
    private static let header = "uber-trace-id"

    public init() {}

    public var fields: [String] { [Self.header] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        // "parent … deprecated, most Jaeger clients ignore": always 0.
        let value = "\(span.traceID.hex):\(span.spanID.hex):0:\(span.isSampled ? "1" : "0")"
        injector.inject(value, forKey: Self.header, into: &carrier)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let header = extractor.extract(key: Self.header, from: carrier), header.utf8.count <= 256 else {
            return
        }
        let parts = header.replacing("%3A", with: ":").replacing("%3a", with: ":")
            .split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let trace = Self.traceID(parts[0]), (1...16).contains(parts[1].utf8.count),
            let span = UInt64(hexDigits: parts[1].utf8), span != 0, (1...2).contains(parts[3].utf8.count),
            let flags = UInt64(hexDigits: parts[3].utf8)
        else { return }
        // Bit 0: sampled. Bit 1: debug, which implies sampled.
        context.spanContext = SpanContext(
            traceID: trace, spanID: SpanID(value: span), traceFlags: flags & 3 != 0 ? .sampled : [],
            isRemote: true)
    }

    private static func traceID(_ text: Substring) -> TraceID? {
        let digits = text.utf8
        guard (1...32).contains(digits.count) else { return nil }
        let split = digits.index(digits.endIndex, offsetBy: -min(16, digits.count))
        guard let high = UInt64(hexDigits: digits[..<split]), let low = UInt64(hexDigits: digits[split...]),
            high | low != 0
        else { return nil }
        return TraceID(high: high, low: low)
    }
}

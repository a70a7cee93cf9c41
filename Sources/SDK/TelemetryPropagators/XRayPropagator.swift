// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// AWS X-Ray's header `X-Amzn-Trace-Id: Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled={0|1}`.
///
/// Fields stand in any order; those that are not known are skipped. Source: AWS X-Ray Developer Guide, "Tracing
/// header".
public struct XRayPropagator: TextMapPropagator {
    private static let header = "X-Amzn-Trace-Id"

    /// Bytes of a header; a longer one is not looked at. "The maximum size … is 256 bytes" for a load balancer's own
    /// fields; the rest is room for those of others.
    private static let bytesMax = 512

    public init() {}

    public var fields: [String] { [Self.header] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        let trace = span.traceID.hex
        let value =
            "Root=1-\(trace.prefix(8))-\(trace.dropFirst(8));Parent=\(span.spanID.hex)"
            + ";Sampled=\(span.isSampled ? "1" : "0")"
        injector.inject(value, forKey: Self.header, into: &carrier)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard var header = extractor.extract(key: Self.header, from: carrier),
            let found = header.withFirstValue(bytesMax: Self.bytesMax, Self.parse)
        else { return }
        context.spanContext = found
        CallerDecision.set(nil, in: &context)
    }

    private static func parse(_ header: HeaderBytes) -> SpanContext? {
        var traceID: TraceID?
        var spanID: SpanID?
        var isSampled = false
        var rest = header
        while var value = rest.removeFirst(until: UInt8(ascii: ";")) {
            guard let name = value.removeFirst(until: UInt8(ascii: "="))?.trimmed else { continue }
            value = value.trimmed
            if name.equals("Root") {
                guard let root = root(value) else { return nil }
                traceID = root
            } else if name.equals("Parent") {
                guard let parent = value.spanID else { return nil }
                spanID = parent
            } else if name.equals("Sampled") {
                // "?" asks the receiver to decide; it is not sampled until then.
                isSampled = value.equals("1")
            }
        }
        guard let traceID, let spanID else { return nil }
        return SpanContext(
            traceID: traceID, spanID: spanID, traceFlags: isSampled ? .sampled : [], isRemote: true)
    }

    /// `1-{8 hex}-{24 hex}`
    private static func root(_ text: HeaderBytes) -> TraceID? {
        let dash = UInt8(ascii: "-")
        var rest = text
        guard rest.removeFirst(until: dash)?.equals("1") == true,
            let time = rest.removeFirst(until: dash), time.count == 8, let seconds = time.hexadecimal,
            rest.count == 24, let middle = HeaderBytes(rebasing: rest[..<8]).hexadecimal,
            let low = HeaderBytes(rebasing: rest[8...]).hexadecimal
        else { return nil }
        let high = seconds << 32 | middle
        return high | low == 0 ? nil : TraceID(high: high, low: low)
    }
}

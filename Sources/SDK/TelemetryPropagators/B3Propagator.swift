// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// Zipkin's B3 headers: one `b3` header, or the four `X-B3-…`.
///
/// Reads both forms, the single one first, and writes the form it was made with.
/// Source: OpenTelemetry specification 1.60, "B3 Extract" and "B3 Inject"; openzipkin/b3-propagation.
public struct B3Propagator: TextMapPropagator {
    /// The headers that are written.
    public enum Form: Sendable {
        /// `b3: {trace}-{span}-{sampled}`
        case single
        /// `X-B3-TraceId`, `X-B3-SpanId`, `X-B3-Sampled` or `X-B3-Flags`
        case multi
    }

    private let form: Form

    /// "MUST default to single header" is the default of the specification.
    public init(form: Form = .single) { self.form = form }

    // "Fields MUST return the header names that correspond to the configured format", without ParentSpanId.
    public var fields: [String] {
        switch form {
        case .single: ["b3"]
        case .multi: ["X-B3-TraceId", "X-B3-SpanId", "X-B3-Sampled", "X-B3-Flags"]
        }
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        // "debug … MUST be preserved"; it implies sampled.
        let isDebug = context[B3DebugKey.self] == true
        let sampled = span.isSampled ? "1" : "0"
        // "MUST NOT reuse the same id for client and server" and no ParentSpanId: the current span's id goes
        // out.
        switch form {
        case .single:
            let header = "\(span.traceID.hex)-\(span.spanID.hex)-\(isDebug ? "d" : sampled)"
            injector.inject(header, forKey: "b3", into: &carrier)
        case .multi:
            injector.inject(span.traceID.hex, forKey: "X-B3-TraceId", into: &carrier)
            injector.inject(span.spanID.hex, forKey: "X-B3-SpanId", into: &carrier)
            if isDebug {
                injector.inject("1", forKey: "X-B3-Flags", into: &carrier)
            } else {
                injector.inject(sampled, forKey: "X-B3-Sampled", into: &carrier)
            }
        }
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        let found =
            extractor.extract(key: "b3", from: carrier).flatMap(Self.parseSingle)
            ?? parseMulti { extractor.extract(key: $0, from: carrier) }
        guard let found else { return }
        context.spanContext = found.span
        if found.isDebug { context[B3DebugKey.self] = true }
    }

    private struct Found {
        let span: SpanContext
        let isDebug: Bool

        init?(trace: some StringProtocol, span: some StringProtocol, isSampled: Bool, isDebug: Bool) {
            guard let traceID = TraceID(paddedHex: trace), let spanID = SpanID(hex: span), traceID.isValid,
                spanID.isValid
            else { return nil }
            self.span = SpanContext(
                traceID: traceID, spanID: spanID, traceFlags: isSampled || isDebug ? .sampled : [],
                isRemote: true)
            self.isDebug = isDebug
        }
    }

    /// `{trace}-{span}[-{state}[-{parent}]]`; a lone `0` (deny) carries no ids and gives nothing.
    private static func parseSingle(_ header: String) -> Found? {
        let parts = header.split(separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
        guard (2...4).contains(parts.count) else { return nil }
        let state = parts.count > 2 ? parts[2] : ""
        guard ["", "0", "1", "d"].contains(state) else { return nil }
        return Found(trace: parts[0], span: parts[1], isSampled: state == "1", isDebug: state == "d")
    }

    private func parseMulti(_ header: (String) -> String?) -> Found? {
        guard let trace = header("X-B3-TraceId"), let span = header("X-B3-SpanId") else { return nil }
        // "true" and "false" come from old tracers and are accepted leniently.
        let sampled = header("X-B3-Sampled")?.lowercased()
        return Found(
            trace: trace, span: span, isSampled: sampled == "1" || sampled == "true",
            isDebug: header("X-B3-Flags") == "1")
    }
}

/// Whether the caller asked for debugging; lives beside the span context and is sent on.
private enum B3DebugKey: ServiceContextKey {
    typealias Value = Bool
    static let nameOverride: String? = "b3-debug"
}

extension TraceID {
    /// 32 hexadecimal digits, or 16 that are padded on the left with zeros.
    init?(paddedHex text: some StringProtocol) {
        if text.utf8.count == 16, let low = SpanID(hex: text) {
            self.init(high: 0, low: low.value)
        } else {
            self.init(hex: text)
        }
    }
}

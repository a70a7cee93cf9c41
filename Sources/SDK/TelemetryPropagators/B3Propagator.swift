// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// Zipkin's B3 headers: one `b3` header, or the four `X-B3-…`.
///
/// Reads both forms, the single one first, and writes the form it was made with. A header with a sampling decision
/// alone, without ids, leaves the context as it was.
/// Source: OpenTelemetry specification 1.60, "B3 Extract" and "B3 Inject"; openzipkin/b3-propagation.
public struct B3Propagator: TextMapPropagator {
    /// The headers that are written.
    public enum Form: Sendable {
        /// `b3: {trace}-{span}-{sampled}`
        case single
        /// `X-B3-TraceId`, `X-B3-SpanId`, `X-B3-Sampled` or `X-B3-Flags`
        case multi
    }

    private static let singleHeader = "b3"
    private static let traceHeader = "X-B3-TraceId"
    private static let spanHeader = "X-B3-SpanId"
    private static let sampledHeader = "X-B3-Sampled"
    private static let flagsHeader = "X-B3-Flags"

    /// Bytes of a value; a longer one is not looked at. The longest valid one has 68.
    private static let bytesMax = 128

    private let form: Form

    /// "MUST default to single header" is the default of the specification.
    public init(form: Form = .single) { self.form = form }

    // "Fields MUST return the header names that correspond to the configured format", without ParentSpanId.
    public var fields: [String] {
        switch form {
        case .single: [Self.singleHeader]
        case .multi: [Self.traceHeader, Self.spanHeader, Self.sampledHeader, Self.flagsHeader]
        }
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        let state = State(span, in: context)
        // "MUST NOT reuse the same id for client and server" and no ParentSpanId: the current span's id goes
        // out.
        switch form {
        case .single:
            let header = "\(span.traceID.hex)-\(span.spanID.hex)\(state.suffix)"
            injector.inject(header, forKey: Self.singleHeader, into: &carrier)
        case .multi:
            injector.inject(span.traceID.hex, forKey: Self.traceHeader, into: &carrier)
            injector.inject(span.spanID.hex, forKey: Self.spanHeader, into: &carrier)
            switch state {
            // "Debug implies an accept decision, so don't also send the X-B3-Sampled header."
            case .debug: injector.inject("1", forKey: Self.flagsHeader, into: &carrier)
            case .accept: injector.inject("1", forKey: Self.sampledHeader, into: &carrier)
            case .deny: injector.inject("0", forKey: Self.sampledHeader, into: &carrier)
            case .deferred: break
            }
        }
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        var found: Found?
        // "The single-header variant takes precedence over the multiple header one when extracting fields."
        if var header = extractor.extract(key: Self.singleHeader, from: carrier) {
            found = header.withFirstValue(bytesMax: Self.bytesMax, Self.parseSingle)
        }
        if found == nil { found = Self.parseMulti(carrier, extractor) }
        guard let found else { return }
        context.spanContext = SpanContext(
            traceID: found.traceID, spanID: found.spanID,
            // "MUST set the sampled trace flag when the debug flag is set"
            traceFlags: found.state == .accept || found.state == .debug ? .sampled : [], isRemote: true)
        // "MUST preserve a debug trace flag, if received, and propagate it with subsequent requests."
        CallerDecision.set(found.state.callerDecision, in: &context)
    }

    private struct Found {
        let traceID: TraceID
        let spanID: SpanID
        let state: State
    }

    /// `{trace}-{span}[-{state}[-{parent}]]`
    private static func parseSingle(_ header: HeaderBytes) -> Found? {
        let dash = UInt8(ascii: "-")
        var rest = header
        guard let traceID = rest.removeFirst(until: dash)?.traceID,
            let spanID = rest.removeFirst(until: dash)?.spanID
        else { return nil }
        var state = State.deferred
        if let text = rest.removeFirst(until: dash) {
            guard let said = State(text) else { return nil }
            state = said
        }
        if let parent = rest.removeFirst(until: dash), parent.spanID == nil { return nil }
        return rest.isExhausted ? Found(traceID: traceID, spanID: spanID, state: state) : nil
    }

    private static func parseMulti<Carrier, Extract: Extractor>(
        _ carrier: Carrier, _ extractor: Extract
    ) -> Found? where Extract.Carrier == Carrier {
        guard var trace = extractor.extract(key: traceHeader, from: carrier),
            let traceID = trace.withFirstValue(bytesMax: bytesMax, { $0.traceID }),
            var span = extractor.extract(key: spanHeader, from: carrier),
            let spanID = span.withFirstValue(bytesMax: bytesMax, { $0.spanID })
        else { return nil }
        // "Debug is encoded as X-B3-Flags: 1. Absent or any other value can be ignored."
        if var flags = extractor.extract(key: flagsHeader, from: carrier),
            flags.withFirstValue(bytesMax: bytesMax, { $0.equals("1") ? true : nil }) == true
        {
            return Found(traceID: traceID, spanID: spanID, state: .debug)
        }
        guard var sampled = extractor.extract(key: sampledHeader, from: carrier) else {
            return Found(traceID: traceID, spanID: spanID, state: .deferred)
        }
        // "An empty header … or an arbitrary nonsense value … are examples of malformed data."
        guard let state = sampled.withFirstValue(bytesMax: bytesMax, { State(sampled: $0) }) else {
            return nil
        }
        return Found(traceID: traceID, spanID: spanID, state: state)
    }
}

extension B3Propagator {
    /// Whether the caller records.
    private enum State {
        case accept
        case deny
        case debug
        case deferred

        init(_ span: SpanContext, in context: ServiceContext) {
            switch CallerDecision.of(context) {
            case .debug: self = .debug
            // Once a span of this process is current, somebody here has decided.
            case .deferred where span.isRemote: self = .deferred
            default: self = span.isSampled ? .accept : .deny
            }
        }

        init?(_ text: HeaderBytes) {
            if text.equals("1") {
                self = .accept
            } else if text.equals("0") {
                self = .deny
            } else if text.equals("d") {
                self = .debug
            } else {
                return nil
            }
        }

        // "some tracers propagated X-B3-Sampled as true or false …, a lenient implementation may accept them"
        init?(sampled text: HeaderBytes) {
            if text.equals("1") || text.equalsIgnoringCase("true") {
                self = .accept
            } else if text.equals("0") || text.equalsIgnoringCase("false") {
                self = .deny
            } else {
                return nil
            }
        }

        var suffix: String {
            switch self {
            case .accept: "-1"
            case .deny: "-0"
            case .debug: "-d"
            case .deferred: ""
            }
        }

        var callerDecision: CallerDecision? {
            switch self {
            case .accept, .deny: nil
            case .debug: .debug
            case .deferred: .deferred
            }
        }
    }
}

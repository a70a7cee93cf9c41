// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// The contract of `TextMapPropagator`, for a type of your own:
///
/// ```swift
/// try await TextMapPropagatorContract.check { MyHeaders() }
/// ```
/// Source: OpenTelemetry specification 1.60, "Propagators API".
public enum TextMapPropagatorContract {
    /// Mutations of each header that are read.
    private static let mutationCount = 10_000
    /// Bytes of the longest header that is read.
    private static let longHeaderBytes = 1 << 20

    /// Checks every rule.
    ///
    /// - Parameters:
    ///   - hasVariableFields: whether it also sets headers whose names depend on what they carry.
    ///   - longHeaderTimeMax: longest that a header of a megabyte may take.
    ///   - make: a new propagator.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func check(
        hasVariableFields: Bool = false, longHeaderTimeMax: Duration = .seconds(2),
        _ make: () async throws -> any TextMapPropagator
    ) async throws {
        var findings = ContractFindings()
        let propagator = try await make()
        findings.expect(
            "nothing to carry sets no header", propagator.headers(.topLevel).isEmpty,
            found: "it sets \(propagator.headers(.topLevel).keys.sorted())")
        var untouched = unrelated
        propagator.extract([:], into: &untouched, using: Headers())
        findings.expect(
            "a message without headers leaves the context as it was", untouched.isUnrelatedOnly,
            found: "there is more in it")

        for context in [spanOnly(isSampled: true), spanOnly(isSampled: false), baggageOnly, everything] {
            headers(&findings, propagator, context, hasVariableFields)
            roundTrip(&findings, propagator, context)
        }
        try garbage(&findings, propagator, longHeaderTimeMax)
        try findings.check(propagator)
    }

    private static func headers(
        _ findings: inout ContractFindings, _ propagator: any TextMapPropagator, _ context: ServiceContext,
        _ hasVariableFields: Bool
    ) {
        let headers = propagator.headers(context)
        findings.expect(
            "the same context gives the same headers", propagator.headers(context) == headers,
            found: "it does not")
        // "Returns list of fields that will be used by the TextMapPropagator."
        let fields = Set(propagator.fields.map { $0.lowercased() })
        let others = headers.keys.filter { !fields.contains($0.lowercased()) }
        findings.expect(
            "fields names every header that is set", hasVariableFields || others.isEmpty,
            found: "\(others.sorted()) is not among \(propagator.fields)")
        // "the key-value pairs MUST only consist of US-ASCII characters that make up valid HTTP header fields"
        for (name, value) in headers {
            findings.expect(
                "names of headers are tokens", !name.isEmpty && name.utf8.allSatisfy(\.isToken),
                found: "\"\(name)\" is none")
            findings.expect(
                "values of headers are printable ASCII",
                value.utf8.allSatisfy { $0 == 0x09 || (0x20...0x7e).contains($0) },
                found: "\(name) has something else")
        }
    }

    private static func roundTrip(
        _ findings: inout ContractFindings, _ propagator: any TextMapPropagator, _ sent: ServiceContext
    ) {
        let headers = propagator.headers(sent)
        var received = unrelated
        propagator.extract(headers, into: &received, using: Headers())
        findings.expect("other values of the context stay", received.isUnrelatedKept, found: "one is gone")
        if let span = received.spanContext {
            findings.expect("an extracted span is remote", span.isRemote, found: "it is local")
            findings.expect("an extracted span is valid", span.isValid, found: "its ids are zero")
            findings.expect(
                "what is injected comes back",
                span.spanID == sent.spanContext?.spanID
                    && span.traceID.low == sent.spanContext?.traceID.low
                    && span.isSampled == sent.spanContext?.isSampled,
                found: "\(headers) gives \(span)")
        }
        findings.expect(
            "what was extracted is sent on the same", propagator.headers(received) == headers,
            found: "\(headers) becomes \(propagator.headers(received))")
    }

    // "If a value can not be parsed from the carrier, … the implementation MUST NOT throw an exception and MUST NOT
    // store a new value in the Context, in order to preserve any previously existing valid value."
    private static func garbage(
        _ findings: inout ContractFindings, _ propagator: any TextMapPropagator, _ timeMax: Duration
    ) throws {
        let headers = propagator.headers(everything)
        var mutations = Mutations()
        for (name, value) in headers.sorted(by: { $0.key < $1.key }) {
            for _ in 0..<mutationCount {
                var broken = headers
                broken[name] = mutations.mutation(of: value)
                var context = unrelated
                propagator.extract(broken, into: &context, using: Headers())
                findings.expect(
                    "a broken header gives no invalid span", context.spanContext?.isValid != false,
                    found: "\(broken) does")
                findings.expect(
                    "other values of the context stay", context.isUnrelatedKept, found: "one is gone")
            }
            for unit in [value, ",", ";", "=", "%", "-", "\u{1F4BC}"] {
                var long = headers
                long[name] = String(repeating: unit, count: longHeaderBytes / unit.utf8.count)
                var context = spanOnly(isSampled: true)
                let clock = ContinuousClock()
                let time = clock.measure { propagator.extract(long, into: &context, using: Headers()) }
                findings.expect(
                    "a long header is read in bounded time", time <= timeMax,
                    found: "a megabyte of \"\(unit.prefix(8))\" in \(name) takes \(time)")
                findings.expect(
                    "what cannot be read leaves the span that was there",
                    context.spanContext?.isValid == true,
                    found: "after \"\(unit.prefix(8))…\" in \(name) there is none")
            }
        }
    }
}

// MARK: - Contexts

extension TextMapPropagatorContract {
    private enum UnrelatedKey: ServiceContextKey {
        typealias Value = String
    }

    private static var unrelated: ServiceContext {
        var context = ServiceContext.topLevel
        context[UnrelatedKey.self] = "kept"
        return context
    }

    private static func spanOnly(isSampled: Bool) -> ServiceContext {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736),
            spanID: SpanID(value: 0x00f0_67aa_0ba9_02b7), traceFlags: isSampled ? .sampled : [])
        return context
    }

    private static var baggageOnly: ServiceContext {
        var context = ServiceContext.topLevel
        context.baggage["tenant"] = "acme"
        context.baggage["city"] = "Zürich, 100 %"
        return context
    }

    private static var everything: ServiceContext {
        var context = baggageOnly
        context.spanContext = spanOnly(isSampled: true).spanContext.map {
            SpanContext(
                traceID: $0.traceID, spanID: $0.spanID, traceFlags: [.sampled, .random],
                traceState: TraceState(headerValue: "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7") ?? TraceState()
            )
        }
        return context
    }

    fileprivate static func isUnrelatedKept(in context: ServiceContext) -> Bool {
        context[UnrelatedKey.self] == "kept"
    }
}

extension ServiceContext {
    fileprivate var isUnrelatedKept: Bool { TextMapPropagatorContract.isUnrelatedKept(in: self) }

    fileprivate var isUnrelatedOnly: Bool { isUnrelatedKept && count == 1 }
}

/// Headers whose names have no case.
private struct Headers: Injector, KeyedExtractor {
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key.lowercased()] = value
    }

    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key.lowercased()] }

    func forEachKey(in carrier: [String: String], _ body: (String) -> Void) {
        carrier.keys.sorted().forEach(body)
    }
}

extension TextMapPropagator {
    fileprivate func headers(_ context: ServiceContext) -> [String: String] {
        var headers: [String: String] = [:]
        inject(context, into: &headers, using: Headers())
        return headers
    }
}

/// Changes texts, the same way in each run.
private struct Mutations {
    private static let telling = Array(",;:=-% \tf0".utf8)
    private var state: UInt64 = 1

    private mutating func next(below limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(truncatingIfNeeded: state >> 33) % limit
    }

    mutating func mutation(of text: String) -> String {
        var bytes = Array(text.utf8)
        for _ in 0...next(below: 3) {
            let position = next(below: bytes.count + 1)
            let byte =
                next(below: 2) == 0 ? UInt8(next(below: 256)) : Self.telling[next(below: Self.telling.count)]
            switch next(below: 3) {
            case 0 where position < bytes.count: bytes[position] = byte
            case 1 where position < bytes.count: bytes.remove(at: position)
            default: bytes.insert(byte, at: position)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension UInt8 {
    /// RFC 9110 `tchar`.
    fileprivate var isToken: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e, 0x5e...0x60,
            0x7c, 0x7e:
            true
        default: false
        }
    }
}

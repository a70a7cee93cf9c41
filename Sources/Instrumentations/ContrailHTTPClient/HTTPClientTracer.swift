// SPDX-License-Identifier: Apache-2.0

internal import HTTPConventions
internal import NIOHTTP1
public import Tracing

/// Gives the spans that AsyncHTTPClient makes the form of OpenTelemetry's stable HTTP conventions 1.44.
///
/// AsyncHTTPClient starts its spans here, and this tracer starts those of the real one. Use it through
/// ``AsyncHTTPClient/HTTPClient/Configuration/traced``; why it stands in between is told in
/// `docs/decisions/006-http-client-instrumentation.md`.
public struct HTTPClientTracer: Tracer {
    private let base: (any Tracer)?

    /// Makes the tracer.
    ///
    /// - Parameter base: Takes the spans; nil for the tracer that is bootstrapped when a request is sent (a
    ///   client may be made before).
    public init(_ base: (any Tracer)? = nil) { self.base = base }

    private var current: any Tracer { base ?? InstrumentationSystem.tracer }

    /// Starts a client span; AsyncHTTPClient gives the method as its name.
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: Tracing.SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> HTTPClientSpan {
        let method = HTTPRequestMethod(operationName)
        let span = current.startSpan(
            method.nameInSpan, context: context(), ofKind: kind, at: instant(), function: function,
            file: fileID,
            line: line)
        return HTTPClientSpan(span, method: method)
    }

    /// Asks the real tracer.
    @available(*, deprecated, message: "Deprecated by swift-distributed-tracing.")
    public func forceFlush() { current.forceFlush() }

    /// Asks the real tracer.
    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        current.extract(carrier, into: &context, using: extractor)
    }

    /// Writes the context, in place of one that the request carries already.
    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard var headers = carrier as? HTTPHeaders else {
            return current.inject(context, into: &carrier, using: injector)
        }
        // OpenTelemetry specification 1.60, "TextMap Propagator", "Set": "Replaces a propagated field".
        // AsyncHTTPClient's own injector adds, so that a redirect or a reused request would carry two
        // `traceparent` fields.
        current.inject(context, into: &headers, using: ReplacingInjector())
        if let replaced = headers as? Carrier { carrier = replaced }
    }
}

private struct ReplacingInjector: Injector {
    func inject(_ value: String, forKey key: String, into headers: inout HTTPHeaders) {
        headers.replaceOrAdd(name: key, value: value)
    }
}

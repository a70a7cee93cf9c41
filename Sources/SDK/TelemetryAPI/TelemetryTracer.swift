// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryModel

/// Starts spans of one scope.
///
/// Get it from ``TelemetryScope/tracer`` or from a provider, and keep it: it is one word, costs nothing to copy, and
/// one that was made before an SDK was installed follows the SDK. Safe from many threads.
/// Source: OpenTelemetry specification 1.60, "Tracer".
public struct TelemetryTracer: Sendable {
    // Tracer cores are never freed. Not even borrowed with a count: that is a word which all threads would write.
    private let tracer: Unmanaged<TracerCore>

    /// The tracer that `core` implements; it must live as long as the process.
    @_spi(TelemetrySDK) public init(_ core: TracerCore) { tracer = .passUnretained(core) }

    @_spi(TelemetrySDK) public var core: TracerCore { tracer.takeUnretainedValue() }

    /// False when a span started now would not be recorded whatever it is: no SDK, switched off, nobody to take it.
    /// The answer may change; ask each time.
    public var isEnabled: Bool { tracer._withUnsafeGuaranteedRef { $0.isEnabled } }

    /// Starts a span without making it current. Somebody has to call ``TelemetrySpan/end(at:)``.
    ///
    /// - Parameters:
    ///   - name: of the operation, of low cardinality: what is special goes into attributes.
    ///   - kind: the span's role in a call.
    ///   - context: where the parent is found, nil for the current context.
    ///   - isRoot: starts a new trace whatever the context holds.
    ///   - attributes: better here than set later: samplers see them.
    ///   - links: better here than added later: samplers see them.
    ///   - startTime: nanoseconds since 1970-01-01 00:00:00 UTC, nil for now.
    /// - Returns: the span; one that records nothing when it was not sampled or nobody takes it.
    public func startSpan(
        _ name: String, kind: SpanKind = .internal, context: ServiceContext? = nil, isRoot: Bool = false,
        attributes: Attributes = Attributes(), links: [TelemetryLink] = [], startTime: UInt64? = nil
    ) -> TelemetrySpan {
        tracer._withUnsafeGuaranteedRef {
            $0.startSpan(
                name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
                at: startTime)
        }
    }

    /// Runs `body` inside a new span. An error that leaves it is recorded and sets the status to error.
    ///
    /// Parameters are those of ``startSpan(_:kind:context:isRoot:attributes:links:startTime:)``.
    @inlinable
    public func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, context: ServiceContext? = nil, isRoot: Bool = false,
        attributes: Attributes = Attributes(), links: [TelemetryLink] = [], startTime: UInt64? = nil,
        _ body: (TelemetrySpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let (span, context) = startCurrentSpan(
            name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
            startTime: startTime)
        let outcome = ServiceContext.$current.withValue(context) {
            () -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try body(span))
            } catch {
                return .failure(error)
            }
        }
        span.end(after: outcome)
        return try outcome.get()
    }

    /// Runs `body` inside a new span. An error that leaves it is recorded and sets the status to error.
    ///
    /// Parameters are those of ``startSpan(_:kind:context:isRoot:attributes:links:startTime:)``.
    @inlinable
    public func withSpan<Result, Failure: Error>(
        _ name: String, kind: SpanKind = .internal, context: ServiceContext? = nil, isRoot: Bool = false,
        attributes: Attributes = Attributes(), links: [TelemetryLink] = [], startTime: UInt64? = nil,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (TelemetrySpan) async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let (span, context) = startCurrentSpan(
            name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
            startTime: startTime)
        let outcome = await ServiceContext.$current.withValue(context) {
            () -> Swift.Result<Result, Failure> in
            do throws(Failure) {
                return .success(try await body(span))
            } catch {
                return .failure(error)
            }
        }
        span.end(after: outcome)
        return try outcome.get()
    }
}

extension TelemetryTracer {
    /// Starts a span, and makes the context in which it is the current one.
    @usableFromInline
    func startCurrentSpan(
        _ name: String, kind: SpanKind, context: ServiceContext?, isRoot: Bool, attributes: Attributes,
        links: [TelemetryLink], startTime: UInt64?
    ) -> (TelemetrySpan, ServiceContext) {
        // Handed down, the context need not be counted again.
        guard let context else {
            return startCurrentSpan(
                name, kind, below: ServiceContext.current ?? .topLevel, isRoot: isRoot, attributes, links,
                startTime)
        }
        return startCurrentSpan(
            name, kind, below: context, isRoot: isRoot, attributes, links, startTime)
    }

    @inline(never)
    private func startCurrentSpan(
        _ name: String, _ kind: SpanKind, below parent: ServiceContext, isRoot: Bool,
        _ attributes: Attributes,
        _ links: [TelemetryLink], _ startTime: UInt64?
    ) -> (TelemetrySpan, ServiceContext) {
        let span = startSpan(
            name, kind: kind, context: parent, isRoot: isRoot, attributes: attributes, links: links,
            startTime: startTime)
        return (span, parent.with(span))
    }
}

extension ServiceContext {
    func with(_ span: TelemetrySpan) -> ServiceContext {
        if span.droppedSpanID == 0, let reference = span.reference {
            return ThreadContexts.context(self, with: reference.core)
        }
        guard let core = span.coreForContext else {
            if isEmpty { return self }
            var copy = self
            copy.span = nil
            return copy
        }
        return with(spanCore: core)
    }

    /// This context with `span` as the current one.
    @_spi(TelemetrySDK) public func with(spanCore span: SpanCore) -> ServiceContext {
        ThreadContexts.context(self, with: span)
    }
}

extension TelemetrySpan {
    @inlinable
    func end<Success, Failure: Error>(after outcome: Result<Success, Failure>) {
        if case .failure(let error) = outcome { fail(with: error) }
        endAsCurrent()
    }

    @usableFromInline
    func endAsCurrent() {
        guard droppedSpanID == 0, let reference else { return giveBackContext() }
        reference.core.end(at: nil)
        reference.core.giveBackContext()
    }

    @usableFromInline
    func fail(with error: any Error) {
        guard isRecording else { return }
        recordError(error)
        setStatus(.error, "\(error)")
    }
}

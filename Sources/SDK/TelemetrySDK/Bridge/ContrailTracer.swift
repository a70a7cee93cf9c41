// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
@_spi(TelemetrySDK) public import TelemetryAPI
import TelemetryModel
public import Tracing

/// A provider as the tracer of swift-distributed-tracing: `withSpan` of any library lands here.
///
/// Its spans' scope is the module that started them. Holding the tracer instead of asking for the global one at each
/// span saves some 200 ns. One word, not generic: the global look-up casts it twice for each span.
public struct ContrailTracer: Tracer {
    // Never freed, and not counted: see ProviderFacts.
    private let bridge: Unmanaged<BridgeCore>

    init(_ core: BridgeCore) { bridge = .passUnretained(core) }

    private var core: BridgeCore { bridge.takeUnretainedValue() }

    @_specialize(where Instant == DefaultTracerClock.Timestamp)
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext,
        ofKind kind: Tracing.SpanKind, at instant: @autoclosure () -> Instant, function: String,
        file fileID: String, line: UInt
    ) -> ContrailSpan {
        let context = context()
        let tracer = bridge._withUnsafeGuaranteedRef { $0.tracer(ofFile: fileID) }
        let parent = context.spanCore
        guard !tracer.provider.isOff else {
            return ContrailSpan(DroppedSpan.make(passingOn: parent, context))
        }
        let kind = TelemetryModel.SpanKind(kind)
        // The span takes the place of its parent in its own context: of one that holds a span and nothing else,
        // nothing is to be kept.
        let isReplaced = parent != nil && context.count == 1
        defer { withExtendedLifetime(parent) {} }
        if tracer.provider.pointee.isPlain, let start = PlainStart(tracer.provider, parent: parent?.identity)
        {
            guard start.isKept else {
                let identity = SpanIdentity(
                    traceHigh: start.traceHigh, traceLow: start.traceLow, spanID: start.spanID,
                    flags: start.flags)
                return ContrailSpan(DroppedSpan.make(identity, isReplaced ? .topLevel : context))
            }
            let span = tracer.start(
                start, operationName, kind, parent: parent, at: instant().nanosecondsSinceEpoch)
            if !context.isEmpty, !isReplaced { span.keep(context) }
            return ContrailSpan(span)
        }
        let decision = tracer.decide(
            operationName, kind, parent: parent, context: context, attributes: nil, links: [])
        defer { decision.free() }
        guard decision.isRecording else {
            let kept = isReplaced ? .topLevel : context
            return ContrailSpan(DroppedSpan.make(decision.identity(parent), kept))
        }
        let time = tracer.provider.unixNano(of: instant())
        let span = tracer.start(operationName, kind, parent: parent, decision, at: time)
        if !context.isEmpty, !isReplaced { span.keep(context) }
        if let extra = decision.extra { span.add(extra.takeUnretainedValue().attributes, nil, []) }
        if tracer.provider.pointee.tellsProcessors { tracer.owner.provider.tellStart(span, context) }
        return ContrailSpan(span)
    }

    /// The span of `context`, when this process made it.
    public func activeSpan(identifiedBy context: ServiceContext) -> ContrailSpan? {
        guard let span = context.spanCore, type(of: span) != SpanCore.self else { return nil }
        return ContrailSpan(span)
    }

    /// Asks for a flush and does not wait for it: prefer ``TracerProvider/forceFlush(timeout:)``.
    public func forceFlush() {
        let provider = core.provider
        Task.detached {
            for processor in provider.currentProcessors {
                _ = await processor.forceFlush(timeout: .seconds(30))
            }
        }
    }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        core.propagator.inject(context, into: &carrier, using: injector)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        core.propagator.extract(carrier, into: &context, using: extractor)
    }
}

extension ContrailTracer: PropagatorProviding {
    /// What was given to ``TracerProvider/tracingTracer(propagator:)``.
    public var textMapPropagator: any TextMapPropagator { core.propagator }
}

extension TracerProvider {
    /// This provider as a tracer of swift-distributed-tracing. Make it once: it is kept for the life of the process.
    ///
    /// - Parameter propagator: reads and writes the headers of messages.
    /// - Returns: the tracer, for `InstrumentationSystem.bootstrap` or `withTracer`.
    public func tracingTracer(propagator: any TextMapPropagator) -> ContrailTracer {
        ContrailTracer(BridgeCore(core, propagator))
    }
}

extension UnsafeMutablePointer<ProviderFacts> {
    /// The time that a caller of swift-distributed-tracing gave; a clock that is not the system's wins over the
    /// caller's default, which is always the system's.
    @inline(__always)
    func unixNano<Instant: TracerInstant>(of instant: @autoclosure () -> Instant) -> UInt64 {
        if !pointee.clockIsSystem, Instant.self == DefaultTracerClock.Timestamp.self { return customUnixNano }
        return instant().nanosecondsSinceEpoch
    }

    /// As above, for a time that the caller's library has taken itself.
    func unixNano(_ taken: UInt64) -> UInt64 { pointee.clockIsSystem ? taken : customUnixNano }

    @inline(never)
    private var customUnixNano: UInt64 { pointee.core._withUnsafeGuaranteedRef { $0.clock.unixNano } }
}

extension RecordingSpan {
    /// Keeps the context that the span started in. For a new span only.
    @inline(never)
    fileprivate func keep(_ context: ServiceContext) {
        SpanState.serviceContext(state).initialize(to: context)
        state.pointee.hasServiceContext = true
        state.pointee.ownsMore = true
    }
}

extension TelemetryModel.SpanKind {
    init(_ kind: Tracing.SpanKind) {
        switch kind {
        case .server: self = .server
        case .client: self = .client
        case .producer: self = .producer
        case .consumer: self = .consumer
        case .internal: self = .internal
        }
    }
}

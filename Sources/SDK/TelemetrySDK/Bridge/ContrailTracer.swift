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
    // Safety: never freed, as what it refers to.
    private unowned(unsafe) let core: BridgeCore

    init(_ core: BridgeCore) { self.core = core }

    @_specialize(where Instant == DefaultTracerClock.Timestamp)
    public func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext,
        ofKind kind: Tracing.SpanKind, at instant: @autoclosure () -> Instant, function: String,
        file fileID: String, line: UInt
    ) -> ContrailSpan {
        let context = context()
        let provider = core.provider
        let tracer = core.tracer(ofFile: fileID)
        let parent = context.spanCore
        guard !provider.isShutDown else {
            return ContrailSpan(DroppedSpan.make(parent?.header ?? .invalid, context))
        }
        let kind = TelemetryModel.SpanKind(kind)
        let decision = tracer.decide(
            operationName, kind, parent: parent, context: context, attributes: Attributes(), links: [])
        guard decision.isRecording else {
            let inherited = decision.parentSpanID == 0 ? nil : parent?.header.traceState
            let traceState = decision.changedTraceState ?? inherited ?? TraceState()
            return ContrailSpan(DroppedSpan.make(decision.context(traceState: traceState), context))
        }
        let time = provider.unixNano(of: instant())
        let span = tracer.start(operationName, kind, parent: parent, decision, at: time)
        span.state.pointee.serviceContext = context
        if let attributes = decision.attributes { span.add(attributes, nil, []) }
        if provider.tellsProcessors { provider.tellStart(span, context) }
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

extension TracerProvider {
    /// This provider as a tracer of swift-distributed-tracing. Make it once: it is kept for the life of the process.
    ///
    /// - Parameter propagator: reads and writes the headers of messages.
    /// - Returns: the tracer, for `InstrumentationSystem.bootstrap` or `withTracer`.
    public func tracingTracer(propagator: any TextMapPropagator) -> ContrailTracer {
        ContrailTracer(BridgeCore(core, propagator))
    }
}

extension ProviderCore {
    /// The time that a caller of swift-distributed-tracing gave; a clock that is not the system's wins over the
    /// caller's default, which is always the system's.
    @inline(__always)
    func unixNano<Instant: TracerInstant>(of instant: @autoclosure () -> Instant) -> UInt64 {
        if !usesSystemClock, Instant.self == DefaultTracerClock.Timestamp.self { return customUnixNano }
        return instant().nanosecondsSinceEpoch
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

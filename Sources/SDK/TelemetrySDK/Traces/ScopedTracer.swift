// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// The tracer of one provider and one scope.
///
/// Never freed, as its provider's core: each span refers to both, and a counted reference would be a word that all
/// threads write for every span.
final class ScopedTracer: TracerCore, @unchecked Sendable {
    // Safety: immutable.
    unowned(unsafe) let provider: ProviderCore
    let scope: InstrumentationScope
    /// The scope as the wire has it.
    let envelope: Envelope
    let limits: SpanLimits
    let attributeCountMax: UInt32

    init(provider: ProviderCore, scope: InstrumentationScope) {
        self.provider = provider
        self.scope = scope
        envelope = Envelope(scope)
        limits = provider.limits
        attributeCountMax = UInt32(clamping: provider.limits.attributeCount)
        super.init()
        _ = Unmanaged.passRetained(self)
    }

    override var isEnabled: Bool { provider.isEnabled }

    override func startSpan(
        _ name: String, kind: SpanKind, context: ServiceContext?, isRoot: Bool, attributes: Attributes,
        links: [TelemetryLink], at time: UInt64?
    ) -> TelemetrySpan {
        guard !provider.isShutDown else {
            return super.startSpan(
                name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
                at: time)
        }
        let context = isRoot ? nil : context ?? ServiceContext.current
        let parent = context?.spanCore
        let decision = decide(
            name, kind, parent: parent, context: context, attributes: attributes, links: links)
        guard decision.isRecording else {
            if let changed = decision.changedTraceState {
                return TelemetrySpan(
                    .carrying(decision.context(traceState: changed)))
            }
            return TelemetrySpan(
                droppedTraceID: decision.traceID, spanID: decision.spanID, flags: decision.flags,
                traceStateOf: decision.parentSpanID == 0 ? nil : parent)
        }
        let span = start(name, kind, parent: parent, decision, at: time)
        if !attributes.isEmpty || !links.isEmpty || decision.attributes != nil {
            span.add(attributes, decision.attributes, links)
        }
        if provider.tellsProcessors { provider.tellStart(span, context ?? .topLevel) }
        return TelemetrySpan(span)
    }

    /// Makes the span that a decision asked for.
    @inline(__always)
    func start(
        _ name: String, _ kind: SpanKind, parent: SpanCore?, _ decision: borrowing SpanDecision,
        at time: UInt64?
    ) -> RecordingSpan {
        var distance: UInt64 = 0
        var start: UInt64
        if let time {
            start = time
        } else {
            let now = provider.monotonicNano
            distance = provider.clockDistance(at: now, parent: parent)
            start = now &+ distance
        }
        let traceState = decision.changedTraceState ?? parentTraceState(parent, decision.parentSpanID)
        return RecordingSpan.make(
            decision.context(traceState: traceState), name: name, kind: kind,
            parentSpanID: decision.parentSpanID, parentIsRemote: decision.parentIsRemote,
            startUnixNano: start,
            clockDistance: distance, tracer: self)
    }

    @inline(__always)
    private func parentTraceState(_ parent: SpanCore?, _ parentSpanID: UInt64) -> TraceState {
        guard parentSpanID != 0, let parent else { return TraceState() }
        return parent.header.traceState
    }

    /// Unix time now, at a distance from the monotonic clock that was measured when the span started.
    @inline(__always)
    func unixNano(distance: UInt64) -> UInt64 {
        let now = provider.monotonicNano
        return now &+ (distance != 0 ? distance : provider.clockDistance(at: now, parent: nil))
    }
}

extension RecordingSpan {
    /// What was known when the span started.
    @inline(never)
    func add(_ attributes: Attributes, _ fromSampler: Attributes?, _ links: [TelemetryLink]) {
        for attribute in attributes { set(attribute.key, value: attribute.value) }
        if let fromSampler {
            for attribute in fromSampler { set(attribute.key, value: attribute.value) }
        }
        for link in links { addLink(to: link.context, attributes: link.attributes) }
    }
}

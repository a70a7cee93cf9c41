// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// The tracer of one provider and one scope. Never freed, as its provider's core (see ``ProviderFacts``).
final class ScopedTracer: TracerCore, @unchecked Sendable {
    // Safety: immutable.
    let provider: ProviderCore
    let scope: InstrumentationScope
    /// The scope as the wire has it.
    let envelope: Envelope
    let limits: SpanLimits
    let facts: UnsafePointer<TracerFacts>
    private let config: TracerConfig

    init(provider: ProviderCore, scope: InstrumentationScope) {
        self.provider = provider
        self.scope = scope
        envelope = Envelope(scope)
        limits = provider.limits
        config = provider.configurator?.config(for: scope) ?? TracerConfig()
        let memory = UnsafeMutablePointer<TracerFacts>.allocate(capacity: 1)
        facts = UnsafePointer(memory)
        super.init()
        memory.initialize(
            to: TracerFacts(
                provider: config.isEnabled ? provider.facts : provider.factsWhenOff,
                attributeCountMax: UInt32(clamping: limits.attributeCount),
                eventCountMax: UInt32(clamping: limits.eventCount),
                limitsValueLength: limits.attributeValueLength != nil, core: Unmanaged.passRetained(self)))
    }

    override var isEnabled: Bool { config.isEnabled && provider.isEnabled }

    override func startSpan(
        _ name: String, kind: SpanKind, context: ServiceContext?, isRoot: Bool, attributes: Attributes,
        links: [TelemetryLink], at time: UInt64?
    ) -> TelemetrySpan {
        let facts = self.facts
        guard !facts.provider.isOff else {
            return super.startSpan(
                name, kind: kind, context: context, isRoot: isRoot, attributes: attributes, links: links,
                at: time)
        }
        let parent: SpanCore? =
            if isRoot { nil } else if let context { context.spanCore } else {
                ServiceContext.current?.spanCore
            }
        defer { withExtendedLifetime(parent) {} }
        if facts.provider.pointee.isPlain, let start = PlainStart(facts.provider, parent: parent?.identity) {
            guard start.isKept else {
                return TelemetrySpan(
                    droppedTraceHigh: start.traceHigh, traceLow: start.traceLow, spanID: start.spanID,
                    flags: start.flags, traceStateOf: nil)
            }
            let span = facts.start(start, name, kind, parent: parent, at: time)
            if !attributes.isEmpty || !links.isEmpty { span.add(attributes, nil, links) }
            return TelemetrySpan(span)
        }
        return startWithOwn(name, kind, context, parent, isRoot: isRoot, attributes, links, at: time)
    }

    /// Starts a span of a provider that has something of the user's own to ask or to tell, or with a trace state.
    @inline(never)
    private func startWithOwn(
        _ name: String, _ kind: SpanKind, _ context: ServiceContext?, _ parent: SpanCore?, isRoot: Bool,
        _ attributes: Attributes, _ links: [TelemetryLink], at time: UInt64?
    ) -> TelemetrySpan {
        // Seldom needed, so not kept.
        var parentContext: ServiceContext {
            isRoot ? .topLevel : context ?? ServiceContext.current ?? .topLevel
        }
        let decision = facts.decide(
            name, kind, parent: parent, context: parentContext, attributes: attributes, links: links)
        defer { decision.free() }
        guard decision.isRecording else { return Self.dropped(decision, parent) }
        let span = facts.start(name, kind, parent: parent, decision, at: time)
        if !attributes.isEmpty || !links.isEmpty || decision.extra != nil {
            span.add(attributes, decision.extra?.takeUnretainedValue().attributes, links)
        }
        if facts.provider.pointee.tellsProcessors { provider.tellStart(span, parentContext) }
        return TelemetrySpan(span)
    }

    @inline(__always)
    private static func dropped(_ decision: borrowing SpanDecision, _ parent: SpanCore?) -> TelemetrySpan {
        if decision.extra != nil { return TelemetrySpan(.carrying(decision.identity(parent))) }
        return TelemetrySpan(
            droppedTraceHigh: decision.traceID.high, traceLow: decision.traceID.low,
            spanID: decision.spanID.value, flags: decision.flags,
            traceStateOf: decision.hasTraceState(parent) ? parent : nil)
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

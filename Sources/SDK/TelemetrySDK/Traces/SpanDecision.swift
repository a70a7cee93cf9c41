// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// Ids of a span that is about to start, and what its sampler said.
struct SpanDecision {
    var traceID: TraceID
    var spanID: SpanID
    var flags: TraceFlags
    var isRecording: Bool
    var parentIsRemote = false
    /// Zero for a root.
    var parentSpanID: UInt64 = 0
    /// The trace state when it is not the parent's.
    var changedTraceState: TraceState?
    /// What the sampler adds.
    var attributes: Attributes?

    @inline(__always)
    func context(traceState: TraceState) -> SpanContext {
        SpanContext(traceID: traceID, spanID: spanID, traceFlags: flags, traceState: traceState)
    }
}

extension ScopedTracer {
    // OpenTelemetry 1.60, "SDK Span creation": 1. use the parent's trace id or generate one, 2. ask the sampler,
    // 3. "Generate a new span ID for the Span, independently of the sampling decision", 4. create.
    @inline(__always)
    func decide(
        _ name: String, _ kind: SpanKind, parent: SpanCore?, context: ServiceContext?,
        attributes: @autoclosure () -> Attributes, links: @autoclosure () -> [TelemetryLink]
    ) -> SpanDecision {
        var decision = SpanDecision(traceID: .invalid, spanID: .invalid, flags: [], isRecording: false)
        let slot: SamplerPlan.Slot
        if let parent, parent.header.isValid {
            let header = parent.header
            decision.traceID = header.traceID
            decision.spanID = provider.newSpanID()
            decision.flags = header.traceFlags.intersection(.random)
            decision.parentIsRemote = header.isRemote
            decision.parentSpanID = header.spanID.value
            slot = provider.plan.slot(isRemote: header.isRemote, isSampled: header.isSampled)
        } else {
            (decision.traceID, decision.spanID, decision.flags) = provider.newRoot()
            slot = provider.plan.root
        }
        if slot.asks {
            ask(&decision, name, kind, parent, context ?? .topLevel, attributes(), links())
        } else if slot.keeps(decision.traceID) {
            decision.flags.insert(.sampled)
            decision.isRecording = true
        }
        return decision
    }

    @inline(never)
    private func ask(
        _ decision: inout SpanDecision, _ name: String, _ kind: SpanKind, _ parent: SpanCore?,
        _ context: ServiceContext, _ attributes: Attributes, _ links: [TelemetryLink]
    ) {
        let parentContext = decision.parentSpanID == 0 ? nil : parent?.header
        let result = provider.sampler.shouldSample(
            SamplingRequest(
                parentContext: context, parent: parentContext, traceID: decision.traceID, name: name,
                kind: kind,
                attributes: attributes, links: links))
        decision.changedTraceState = result.traceState
        decision.attributes = result.attributes.isEmpty ? nil : result.attributes
        decision.isRecording = result.decision != .drop
        if result.decision == .recordAndSample { decision.flags.insert(.sampled) }
    }
}

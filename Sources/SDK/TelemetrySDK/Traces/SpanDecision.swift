// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// Ids of a span that is about to start, and what its sampler said.
struct SpanDecision {
    /// What only a sampler of the user's own says.
    final class Extra: Sendable {
        let traceState: TraceState
        let attributes: Attributes

        init(_ result: SamplingResult) {
            traceState = result.traceState
            attributes = result.attributes
        }
    }

    var traceID: TraceID
    var spanID: SpanID
    /// W3C flags.
    var flags: UInt8
    var isRecording = false
    var parentIsRemote = false
    /// Zero for a root.
    var parentSpanID: UInt64 = 0
    /// Owned; ``free()`` it when nothing is taken from it any more. Not counted, so that a decision is plain words.
    var extra: Unmanaged<Extra>?

    private static let sampledFlag: UInt8 = 1
    static let randomFlag: UInt8 = 2

    @inline(__always)
    mutating func sample() {
        flags |= Self.sampledFlag
        isRecording = true
    }

    /// Whether the new span's trace state is not empty.
    @inline(__always)
    func hasTraceState(_ parent: SpanCore?) -> Bool {
        if extra != nil { return true }
        guard parentSpanID != 0, let parent else { return false }
        return parent.identity.pointee.hasTraceState
    }

    /// The new span's trace state: its parent's when the sampler did not say otherwise.
    @inline(never)
    func traceState(_ parent: SpanCore?) -> TraceState {
        extra?.takeUnretainedValue().traceState ?? parent?.traceState ?? TraceState()
    }

    /// The new span's identity.
    @inline(__always)
    func identity(_ parent: SpanCore?) -> SpanIdentity {
        var identity = SpanIdentity(
            traceHigh: traceID.high, traceLow: traceID.low, spanID: spanID.value, flags: flags)
        if hasTraceState(parent) { identity.set(traceState(parent)) }
        return identity
    }

    @inline(__always)
    func free() { extra?.release() }
}

extension SpanCore {
    /// What identifies the span, in place. Never changes; as a property it would cost a check of exclusive access.
    @inline(__always)
    var identity: UnsafeMutablePointer<SpanIdentity> { withUnsafeMutablePointerToHeader { $0 } }

    /// What is recorded, nil for a span that only carries its context.
    @inline(__always)
    var recordingState: UnsafeMutablePointer<SpanState>? {
        type(of: self) == RecordingSpan.self ? unsafeDowncast(self, to: RecordingSpan.self).state : nil
    }
}

extension UnsafePointer<TracerFacts> {
    // OpenTelemetry 1.60, "SDK Span creation": 1. use the parent's trace id or generate one, 2. ask the sampler,
    // 3. "Generate a new span ID for the Span, independently of the sampling decision", 4. create.
    @inline(__always)
    func decide(
        _ name: String, _ kind: SpanKind, parent: SpanCore?, context: @autoclosure () -> ServiceContext,
        attributes: Attributes?, links: [TelemetryLink]
    ) -> SpanDecision {
        let provider = self.provider
        var decision: SpanDecision
        let slot: SamplerPlan.Slot
        if let header = parent?.identity, header.pointee.traceHigh | header.pointee.traceLow != 0,
            header.pointee.spanID != 0
        {
            let flags = header.pointee.flags
            decision = SpanDecision(
                traceID: TraceID(high: header.pointee.traceHigh, low: header.pointee.traceLow),
                spanID: provider.newSpanID(), flags: flags & 2)
            decision.parentIsRemote = header.pointee.isRemote
            decision.parentSpanID = header.pointee.spanID
            slot = provider.pointee.plan.slot(isRemote: decision.parentIsRemote, isSampled: flags & 1 != 0)
        } else {
            decision = provider.newRoot()
            slot = provider.pointee.plan.root
        }
        if slot.asks {
            ask(&decision, name, kind, parent, context(), attributes ?? Attributes(), links)
        } else if slot.keeps(decision.traceID) {
            decision.sample()
        }
        return decision
    }

    @inline(never)
    private func ask(
        _ decision: inout SpanDecision, _ name: String, _ kind: SpanKind, _ parent: SpanCore?,
        _ context: ServiceContext, _ attributes: Attributes, _ links: [TelemetryLink]
    ) {
        let result = provider.pointee.core.takeUnretainedValue().sampler.shouldSample(
            SamplingRequest(
                parentContext: context, parent: decision.parentSpanID == 0 ? nil : parent?.context,
                traceID: decision.traceID, traceFlags: TraceFlags(rawValue: decision.flags), name: name,
                kind: kind, attributes: attributes, links: links))
        decision.isRecording = result.decision != .drop
        // A root that was dropped, as most are, has nothing to remember.
        let saysNothing = result.attributes.isEmpty && result.traceState.isEmpty && decision.parentSpanID == 0
        if !saysNothing { decision.extra = Unmanaged.passRetained(SpanDecision.Extra(result)) }
        if result.decision == .recordAndSample { decision.sample() }
    }

    /// Makes the span that a decision asked for.
    @inline(__always)
    func start(
        _ name: String, _ kind: SpanKind, parent: SpanCore?, _ decision: borrowing SpanDecision,
        at time: UInt64?
    ) -> RecordingSpan {
        var distance: UInt64 = 0
        let start: UInt64
        if let time {
            start = time
        } else {
            let now = provider.monotonicNano
            distance = provider.clockDistance(at: now, parent: parent?.recordingState)
            start = now &+ distance
        }
        return RecordingSpan.make(
            decision, parent, name: name, kind: kind, startUnixNano: start, clockDistance: distance,
            tracer: self)
    }
}

extension UnsafeMutablePointer<ProviderFacts> {
    @inline(__always)
    fileprivate func newRoot() -> SpanDecision {
        guard pointee.idsAreBuiltIn else { return newCustomRoot() }
        var spanID: UInt64 = 0
        let words = ctr_random_ids(&spanID)
        return SpanDecision(
            traceID: TraceID(high: words.first, low: words.second), spanID: SpanID(value: spanID),
            flags: SpanDecision.randomFlag)
    }

    @inline(__always)
    func newSpanID() -> SpanID {
        pointee.idsAreBuiltIn ? SpanID(value: ctr_random_id()) : newCustomSpanID()
    }

    @inline(never)
    private func newCustomRoot() -> SpanDecision {
        let id = pointee.core.takeUnretainedValue().ids.traceID()
        guard !id.isValid else {
            return SpanDecision(traceID: id, spanID: newCustomSpanID(), flags: pointee.newTraceFlags)
        }
        SDKDiagnostics.report(.invalidGeneratedID)
        return SpanDecision(
            traceID: RandomIDGenerator().traceID(), spanID: newCustomSpanID(), flags: SpanDecision.randomFlag)
    }

    @inline(never)
    private func newCustomSpanID() -> SpanID {
        let id = pointee.core.takeUnretainedValue().ids.spanID()
        if id.isValid { return id }
        SDKDiagnostics.report(.invalidGeneratedID)
        return RandomIDGenerator().spanID()
    }
}

// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel
import Tracing

extension RecordingSpan {
    /// Ends the span at a moment already known, the first time, and hands it on.
    @inline(__always)
    func finish(at end: UInt64) {
        let state = self.state
        let provider = state.pointee.tracer.provider
        ctr_lock(&state.pointee.lock)
        guard state.pointee.phase == .recording else { return ctr_unlock(&state.pointee.lock) }
        if provider.pointee.tellsProcessors || state.pointee.hasBridged {
            guard finishSlowly(end) else { return }
        } else {
            state.pointee.endUnixNano = end
            state.pointee.phase = .ended
            ctr_unlock(&state.pointee.lock)
        }
        handOn(state, provider)
    }

    /// Tells of what was dropped, and gives the span that has ended to the processors.
    @inline(__always)
    func handOn(
        _ state: UnsafeMutablePointer<SpanState>, _ provider: UnsafeMutablePointer<ProviderFacts>
    ) {
        if state.pointee.hasDropped { reportDrops() }
        if let queue = provider.pointee.soleQueue {
            if state.pointee.isSampled { BatchQueue.offer(self, state, to: queue) }
        } else {
            giveToProcessors()
        }
    }

    // OpenTelemetry 1.60, "Span Limits": "the message MUST be printed at most once per span".
    @inline(never)
    private func reportDrops() { SDKDiagnostics.report(.spanLimitExceeded(spanName: state.pointee.name)) }

    @inline(never)
    private func giveToProcessors() {
        state.pointee.tracer.provider.pointee.core.takeUnretainedValue().give(self)
    }

    /// Ends a span with attributes set through swift-distributed-tracing, or with processors that have the last word.
    /// Called with the lock held, which it gives back; false when it is not for the caller to hand the span on.
    @inline(never)
    private func finishSlowly(_ end: UInt64) -> Bool {
        let state = self.state
        let isLent = state.pointee.isLent && !waitForLender()
        guard state.pointee.phase == .recording else {
            ctr_unlock(&state.pointee.lock)
            return false
        }
        guard !isLent else {
            // Whoever has the attributes is suspended, or is the caller himself: the end waits for them, not the
            // caller.
            state.pointee.endUnixNano = end
            state.pointee.phase = .awaitingLender
            ctr_unlock(&state.pointee.lock)
            return false
        }
        conclude(end)
        return true
    }

    /// Makes fields of attributes set through swift-distributed-tracing, and gives the last word to processors.
    /// Called with the lock held, which it gives back.
    func conclude(_ end: UInt64) {
        let state = self.state
        let provider = state.pointee.tracer.provider
        state.pointee.endUnixNano = end
        let left = state.pointee.hasBridged ? sinkBridgedAttributes() : []
        if left.isEmpty, !provider.pointee.tellsProcessors {
            state.pointee.phase = .ended
            ctr_unlock(&state.pointee.lock)
            return
        }
        state.pointee.phase = .ending
        state.pointee.endingThread = ctr_thread_number()
        ctr_unlock(&state.pointee.lock)
        // Others' code runs without the lock: attributes that have to be asked for their text, processors.
        for (key, value) in left { set(key, value: AttributeValue(value)) }
        if provider.pointee.tellsProcessors {
            provider.pointee.core.takeUnretainedValue().tellEnding(self)
        }
        // Set by a processor through swift-distributed-tracing.
        ctr_lock(&state.pointee.lock)
        let more = state.pointee.hasBridged && !state.pointee.isLent ? sinkBridgedAttributes() : []
        ctr_unlock(&state.pointee.lock)
        for (key, value) in more { set(key, value: AttributeValue(value)) }
        locked { $0.phase = .ended }
    }
}

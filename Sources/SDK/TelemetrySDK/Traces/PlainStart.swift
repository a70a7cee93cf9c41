// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// What ``SpanDecision`` says, of a provider that has nothing of the user's own to ask.
///
/// Words that stay in registers: passed on through memory, a decision was read back in other pieces than it had been
/// written in, for which a processor waits until the writes are done. That took a fifth of the time of a bare span.
struct PlainStart {
    let traceHigh: UInt64
    let traceLow: UInt64
    let spanID: UInt64
    /// Zero for a root.
    let parentSpanID: UInt64
    /// W3C flags, without the one that says sampled.
    let newFlags: UInt8
    let parentIsRemote: Bool
    let isKept: Bool

    @inline(__always)
    var flags: UInt8 { isKept ? newFlags | 1 : newFlags }

    /// Of a span below `parent`, which the caller keeps alive: counted here, it would be counted twice more. Nil when
    /// the parent has a trace state.
    @inline(__always)
    init?(_ provider: UnsafeMutablePointer<ProviderFacts>, parent: UnsafeMutablePointer<SpanIdentity>?) {
        if let header = parent, header.pointee.traceHigh | header.pointee.traceLow != 0,
            header.pointee.spanID != 0
        {
            if header.pointee.hasTraceState { return nil }
            let flags = header.pointee.flags
            traceHigh = header.pointee.traceHigh
            traceLow = header.pointee.traceLow
            spanID = ctr_random_id()
            parentSpanID = header.pointee.spanID
            newFlags = flags & 2
            parentIsRemote = header.pointee.isRemote
            isKept = provider.pointee.plan.slot(isRemote: parentIsRemote, isSampled: flags & 1 != 0)
                .keeps(lowHalf: traceLow)
        } else {
            var last: UInt64 = 0
            let words = ctr_random_ids(&last)
            traceHigh = words.first
            traceLow = words.second
            spanID = last
            parentSpanID = 0
            newFlags = SpanDecision.randomFlag
            parentIsRemote = false
            isKept = provider.pointee.plan.root.keeps(lowHalf: traceLow)
        }
    }
}

extension UnsafePointer<TracerFacts> {
    /// Makes a span that is kept, which starts now when `time` is nil.
    @inline(__always)
    func start(
        _ start: PlainStart, _ name: String, _ kind: SpanKind, parent: SpanCore?, at time: UInt64?
    ) -> RecordingSpan {
        var distance: UInt64 = 0
        let unixNano: UInt64
        if let time {
            unixNano = time
        } else {
            let now = ctr_tick_ns()
            distance = provider.clockDistance(at: now, parent: parent?.recordingState)
            unixNano = now &+ distance
        }
        return RecordingSpan.make(
            start, name: name, kind: kind, startUnixNano: unixNano, clockDistance: distance, tracer: self)
    }
}

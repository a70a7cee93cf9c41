// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime

/// What the span path asks its provider.
///
/// In memory that is never freed, and reached by raw pointers: a counted reference to a provider, tracer or queue
/// would be one word that all threads write for each span (two threads then make hardly more spans than one), and
/// each use of it two calls more.
struct ProviderFacts {
    let clockIsSystem: Bool
    /// Nothing of the user's own is to be asked about a span: not for ids, nor the time, nor whether it is kept, and
    /// nobody wants to hear of its start.
    let isPlain: Bool
    /// Whether processors other than the exporting ones want to hear of each span.
    let tellsProcessors: Bool
    let idsAreBuiltIn: Bool
    /// W3C flags of a new trace's id.
    let newTraceFlags: UInt8
    let plan: SamplerPlan
    var anchor = ClockAnchor()
    /// Set when there is one processor and it exports from a queue: a span then goes straight into its queue.
    let soleQueue: UnsafeMutablePointer<QueueFacts>?
    /// 0 while spans are recorded: there is a processor, and no shutdown yet. Atomic.
    ///
    /// OpenTelemetry 1.60, "Enabled": false when there are no registered span processors.
    var off: UInt64
    let core: Unmanaged<ProviderCore>
}

/// What the span path asks its tracer. See ``ProviderFacts``.
struct TracerFacts {
    let provider: UnsafeMutablePointer<ProviderFacts>
    let attributeCountMax: UInt32
    let eventCountMax: UInt32
    let limitsValueLength: Bool
    let core: Unmanaged<ScopedTracer>
}

/// Where the span path puts a finished span. See ``ProviderFacts``.
struct QueueFacts {
    let shards: UnsafeMutableRawPointer
    let core: Unmanaged<BatchQueue>
}

extension UnsafeMutablePointer<ProviderFacts> {
    @inline(__always)
    var isOff: Bool { ctr_load_relaxed(&pointee.off) != 0 }

    func switchOff() { ctr_store_relaxed(&pointee.off, 1) }

    @inline(__always)
    var monotonicNano: UInt64 { pointee.clockIsSystem ? ctr_tick_ns() : customMonotonicNano }

    @inline(never)
    private var customMonotonicNano: UInt64 {
        pointee.core._withUnsafeGuaranteedRef { $0.clock.monotonicNano }
    }

    /// What to add (wrapping) to the monotonic clock's `now` to get Unix time.
    ///
    /// A child takes its parent's, so that it never seems to end after it; but not that of a parent so old that the
    /// clock may have been set since.
    @inline(__always)
    func clockDistance(at now: UInt64, parent: UnsafeMutablePointer<SpanState>?) -> UInt64 {
        guard pointee.clockIsSystem else { return customClockDistance(at: now) }
        if let parent {
            let distance = parent.pointee.clockDistance
            let age = now &+ distance &- parent.pointee.startUnixNano
            if distance != 0, age < 60 * ClockAnchor.ageMaxNano { return distance }
        }
        return pointee.anchor.distance(at: now)
    }

    @inline(never)
    private func customClockDistance(at now: UInt64) -> UInt64 {
        pointee.core._withUnsafeGuaranteedRef { $0.clock.unixNano } &- now
    }
}

extension UnsafePointer<TracerFacts> {
    @inline(__always)
    var provider: UnsafeMutablePointer<ProviderFacts> { pointee.provider }

    /// For what is rare: limits, scope, resource.
    var owner: ScopedTracer { pointee.core.takeUnretainedValue() }

    /// Unix time now, at a distance from the monotonic clock that was measured when the span started; 0 for not.
    @inline(__always)
    func unixNano(distance: UInt64) -> UInt64 {
        let now = provider.monotonicNano
        return now &+ (distance != 0 ? distance : provider.clockDistance(at: now, parent: nil))
    }
}

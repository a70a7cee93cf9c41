// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime

/// Tells spans the time.
public protocol TelemetryClock: Sendable {
    /// Nanoseconds since 1970-01-01 00:00:00 UTC. May jump when somebody sets the clock.
    var unixNano: UInt64 { get }
    /// Nanoseconds since an arbitrary moment; never goes back.
    var monotonicNano: UInt64 { get }
}

/// The clocks of the operating system.
public struct SystemTelemetryClock: TelemetryClock {
    public init() {}
    public var unixNano: UInt64 { ctr_realtime_ns() }
    public var monotonicNano: UInt64 { ctr_tick_ns() }
}

/// Turns readings of the monotonic clock into Unix time.
///
/// A span reads the monotonic clock at its start and at its end, and adds the same distance to both: a clock that is
/// set in between cannot make a negative duration. The distance is measured again when it is older than
/// ``ageMaxNano``, so that a step of the clock is noticed within that time. One reading for each end of the span
/// instead of two saves 10 ns.
struct ClockAnchor {
    /// One second: clocks are slewed by at most 500 ppm, so the distance is wrong by at most 0.5 µs.
    static let ageMaxNano: UInt64 = 1_000_000_000

    // Two words read and written as atomics. The time is released after the distance and acquired before it: whoever
    // sees a fresh time sees its distance, or a newer one.
    private var lastDistance: UInt64 = 0
    private var measuredAt: UInt64 = 0

    /// What to add (wrapping) to `monotonicNano` to get Unix time.
    @inline(__always)
    mutating func distance(at monotonicNano: UInt64) -> UInt64 {
        if monotonicNano &- ctr_load_acquire(&measuredAt) < Self.ageMaxNano {
            return ctr_load_relaxed(&lastDistance)
        }
        return measure()
    }

    @inline(never)
    private mutating func measure() -> UInt64 {
        let before = ctr_tick_ns()
        let unix = ctr_realtime_ns()
        let after = ctr_tick_ns()
        let distance = unix &- (before / 2 + after / 2)
        ctr_store_relaxed(&lastDistance, distance)
        ctr_store_release(&measuredAt, after)
        return distance
    }
}

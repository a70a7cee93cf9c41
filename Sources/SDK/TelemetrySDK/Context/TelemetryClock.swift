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
    public var monotonicNano: UInt64 { ctr_monotonic_ns() }
}

/// Turns readings of the monotonic clock into Unix time.
///
/// A span reads the monotonic clock at its start and at its end, and adds the same distance to both: a clock that is
/// set in between cannot make a negative duration. The distance is measured again when it is older than
/// ``ageMaxNano``, so that a step of the clock is noticed within that time. One reading for each end of the span
/// instead of two saves 20 ns.
struct ClockAnchor: ~Copyable {
    /// One second: clocks are slewed by at most 500 ppm, so the distance is wrong by at most 0.5 µs.
    static let ageMaxNano: UInt64 = 1_000_000_000

    // Safety: two words read and written as relaxed atomics through C. A reader that sees the new distance with the
    // old time, or the other way round, uses a distance that was right a moment ago.
    private let words: UnsafeMutablePointer<UInt64>

    init() {
        words = .allocate(capacity: 2)
        words.initialize(repeating: 0, count: 2)
    }

    deinit { words.deallocate() }

    /// What to add (wrapping) to `monotonicNano` to get Unix time.
    @inline(__always)
    func distance(at monotonicNano: UInt64) -> UInt64 {
        if monotonicNano &- ctr_load_relaxed(words + 1) < Self.ageMaxNano { return ctr_load_relaxed(words) }
        return measure()
    }

    @inline(never)
    private func measure() -> UInt64 {
        let before = ctr_monotonic_ns()
        let unix = ctr_realtime_ns()
        let after = ctr_monotonic_ns()
        let distance = unix &- (before / 2 + after / 2)
        ctr_store_relaxed(words, distance)
        ctr_store_relaxed(words + 1, after)
        return distance
    }
}

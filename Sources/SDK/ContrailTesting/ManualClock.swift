// SPDX-License-Identifier: Apache-2.0

import Synchronization
public import TelemetrySDK

/// A clock that only moves when told: for the times of spans, and for delays and timeouts.
public final class ManualClock: TelemetryClock, Clock {
    /// Time since the clock was made.
    public struct Instant: InstantProtocol, Hashable, Sendable {
        let offset: Duration
        public func advanced(by duration: Duration) -> Instant { Instant(offset: offset + duration) }
        public func duration(to other: Instant) -> Duration { other.offset - offset }
        public static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private struct Sleeper {
        let until: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed: Duration = .zero
        var unixNano: UInt64
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var sleeperNumber = 0
    }

    private let state: Mutex<State>

    /// - Parameter unixNano: nanoseconds since 1970-01-01 00:00:00 UTC; by default 2026-01-01.
    public init(unixNano: UInt64 = 1_767_225_600_000_000_000) {
        state = Mutex(State(unixNano: unixNano))
    }

    public var unixNano: UInt64 { state.withLock { $0.unixNano } }

    public var monotonicNano: UInt64 { state.withLock { UInt64(clamping: Self.nanoseconds($0.elapsed)) } }

    public var now: Instant { Instant(offset: state.withLock { $0.elapsed }) }

    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Number of tasks that wait for this clock.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Lets time pass, and wakes who waited for it.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.elapsed += duration
            state.unixNano &+= UInt64(clamping: Self.nanoseconds(duration))
            let due = state.sleepers.filter { $0.value.until <= state.elapsed }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.until < $1.until }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Sets the wall clock, as an administrator would, without time passing.
    public func setUnixNano(_ unixNano: UInt64) { state.withLock { $0.unixNano = unixNano } }

    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.sleeperNumber += 1
            return state.sleeperNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLock { state -> Result<Void, any Error>? in
                    if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
                    guard deadline.offset > state.elapsed else { return .success(()) }
                    state.sleepers[number] = Sleeper(until: deadline.offset, continuation: continuation)
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

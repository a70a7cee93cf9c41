// SPDX-License-Identifier: Apache-2.0

/// Whether the wall clock is to be believed in what is too old.
///
/// A clock that leaps ahead, as after a virtual machine's sleep or by a bad time server, would make everything too old
/// at once, and what is deleted does not come back with the clock. Pure: both times come in.
struct ClockWatch: Sendable {
    /// How far the two clocks may be apart between two looks.
    static let leapMax = Duration.seconds(3600)
    /// Looks without a leap after which the new time is believed: an hour at one look a minute.
    static let looksUntilBelieved = 60

    private var last: (wall: UInt64, steady: Duration)?
    private var looksSinceLeap = looksUntilBelieved

    /// True when the clock has not leapt lately. `wall`: nanoseconds since 1970 UTC; `steady`: since any moment, by a
    /// clock that nobody sets.
    mutating func believes(wall: UInt64, steady: Duration) -> Bool {
        defer { last = (wall, steady) }
        guard let last else { return true }
        let leap = Self.distance(last.wall, wall) - (steady - last.steady)
        if leap > Self.leapMax || leap < .zero - Self.leapMax {
            looksSinceLeap = 0
        } else {
            looksSinceLeap = min(looksSinceLeap + 1, Self.looksUntilBelieved)
        }
        return looksSinceLeap >= Self.looksUntilBelieved
    }

    private static func distance(_ from: UInt64, _ to: UInt64) -> Duration {
        to >= from
            ? .nanoseconds(Int64(clamping: to - from)) : .zero - .nanoseconds(Int64(clamping: from - to))
    }
}

// SPDX-License-Identifier: Apache-2.0

/// A duration as people read it: up to three significant digits and the unit that keeps the number short.
///
/// `850 ns`, `1.5 µs`, `30.4 ms`, `512 ms`, `3.02 s`, `2 min 5 s`, `3 h 20 min`. Rounded half up.
package struct DurationText: CustomStringConvertible {
    private let nanoseconds: UInt64

    package init(_ nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    package var description: String {
        // 59.95 s and more would read "60 s".
        if nanoseconds >= 59_950_000_000 { return long }
        for (unit, name) in [(1 as UInt64, "ns"), (1_000, "µs"), (1_000_000, "ms")] {
            // 999.5 of a unit and more would read as 1000 of it.
            if nanoseconds < unit * 1000 - unit / 2 { return short(unit) + " " + name }
        }
        return short(1_000_000_000) + " s"
    }

    /// Up to three significant digits of the number of `unit`s, without trailing zeros behind the point.
    private func short(_ unit: UInt64) -> String {
        guard unit > 1 else { return String(nanoseconds) }
        var hundredths = (nanoseconds + unit / 200) / (unit / 100)
        if hundredths >= 1000 {
            hundredths = (nanoseconds + unit / 20) / (unit / 10) * 10
        }
        if hundredths >= 10_000 {
            hundredths = (nanoseconds + unit / 2) / unit * 100
        }
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return String(whole) }
        if rest % 10 == 0 { return "\(whole).\(rest / 10)" }
        return rest < 10 ? "\(whole).0\(rest)" : "\(whole).\(rest)"
    }

    private var long: String {
        let seconds = nanoseconds / 1_000_000_000 + (nanoseconds % 1_000_000_000 >= 500_000_000 ? 1 : 0)
        if seconds < 3600 { return pair(seconds / 60, "min", seconds % 60, "s") }
        let minutes = (seconds + 30) / 60
        if minutes < 48 * 60 { return pair(minutes / 60, "h", minutes % 60, "min") }
        let hours = (minutes + 30) / 60
        return pair(hours / 24, "d", hours % 24, "h")
    }

    private func pair(_ first: UInt64, _ firstUnit: String, _ second: UInt64, _ secondUnit: String) -> String
    {
        second == 0 ? "\(first) \(firstUnit)" : "\(first) \(firstUnit) \(second) \(secondUnit)"
    }
}

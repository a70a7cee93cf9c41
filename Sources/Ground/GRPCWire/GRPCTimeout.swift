// SPDX-License-Identifier: Apache-2.0

/// The time that a call may take, as `grpc-timeout` says it.
///
/// Source: gRPC over HTTP/2, "Timeout → "grpc-timeout" TimeoutValue TimeoutUnit", "TimeoutValue → {positive integer as
/// ASCII string of at most 8 digits}".
package enum GRPCTimeout {
    private static let digitsMax = 8
    private static let valueMax: Int64 = 99_999_999

    /// Letters of the specification, with how many of each are a second, or how many seconds each is.
    private static let units: [(letter: UInt8, nanoseconds: Int64)] = [
        (UInt8(ascii: "n"), 1), (UInt8(ascii: "u"), 1_000), (UInt8(ascii: "m"), 1_000_000),
        (UInt8(ascii: "S"), 1_000_000_000), (UInt8(ascii: "M"), 60_000_000_000),
        (UInt8(ascii: "H"), 3_600_000_000_000),
    ]

    /// In the finest unit that has room for it, rounded up: the receiver must not give up first. Nothing is less than
    /// 1 ns, and nothing more than the 99 999 999 hours that can be said.
    package static func text(_ timeout: Duration) -> String {
        let nanoseconds = Self.nanoseconds(timeout)
        for unit in units {
            let value = max((nanoseconds - 1) / unit.nanoseconds + 1, 1)
            guard value <= valueMax else { continue }
            return "\(value)\(Character(Unicode.Scalar(unit.letter)))"
        }
        return "\(valueMax)H"
    }

    /// Nil when it is not as the specification says. More than 2^63 ns, 292 years, is that.
    package static func duration(_ text: String) -> Duration? {
        guard let letter = text.utf8.last, let unit = units.first(where: { $0.letter == letter }) else {
            return nil
        }
        let digits = text.utf8.dropLast()
        guard (1...digitsMax).contains(digits.count) else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        let (nanoseconds, isOver) = value.multipliedReportingOverflow(by: unit.nanoseconds)
        return .nanoseconds(isOver ? Int64.max : nanoseconds)
    }

    /// At most 2^63 - 1.
    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (whole, isOver) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        guard !isOver else { return seconds < 0 ? 0 : .max }
        let (sum, isOverToo) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        return isOverToo ? .max : max(sum, 0)
    }
}

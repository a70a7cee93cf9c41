// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

/// How durations, times and conditions are written in questions, on the command line as in URLs.
package enum ParameterSyntax {
    /// Why a text was refused; completes a sentence that begins with the text.
    package struct Refusal: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    private static let units: [(name: String, nanoseconds: UInt64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000), ("d", 86_400_000_000_000),
    ]

    /// The earliest time that is taken as a number, nanoseconds since 1970: March 1973.
    package static let nanosecondsMin: UInt64 = 100_000_000_000_000_000

    /// Nanoseconds of `500ms`, `1.5s`, `250us`, `2m`, `1h30m`.
    ///
    /// A number without a unit is refused, except 0: whoever writes `500` means milliseconds as often as
    /// seconds.
    package static func duration(_ text: String) throws(Refusal) -> UInt64 {
        if text == "0" { return 0 }
        let notOne = Refusal(description: "is not a duration; write 500ms, 1.5s or 2m")
        var rest = text.unicodeScalars[...]
        var total: UInt128 = 0
        guard !rest.isEmpty else { throw notOne }
        while !rest.isEmpty {
            let whole = digits(of: &rest)
            var fraction: Substring.UnicodeScalarView = Substring().unicodeScalars
            if rest.first == "." {
                rest.removeFirst()
                fraction = digits(of: &rest)
            }
            guard !(whole.isEmpty && fraction.isEmpty) else { throw notOne }
            let name = String(String.UnicodeScalarView(rest.prefix { !isDigit($0) && $0 != "." }))
            if name.isEmpty { throw Refusal(description: "has no unit; write 500ms, 1.5s or 2m") }
            guard let unit = units.first(where: { $0.name == name }) else { throw notOne }
            rest = rest.dropFirst(name.unicodeScalars.count)
            // 2^64 nanoseconds have 20 digits.
            guard whole.count <= 20, fraction.count <= 20 else { throw tooLong }
            total += number(whole) * UInt128(unit.nanoseconds)
            total += number(fraction) * UInt128(unit.nanoseconds) / power(fraction.count)
            guard total <= UInt128(UInt64.max) else { throw tooLong }
        }
        return UInt64(total)
    }

    private static let tooLong = Refusal(description: "is longer than 584 years")

    /// Nanoseconds since 1970 UTC of `2026-11-22T13:36:00Z`, or of that number itself.
    package static func time(_ text: String) throws(Refusal) -> UInt64 {
        let notOne = Refusal(
            description: "is not a time; write 2026-11-22T13:36:00Z (RFC 3339) or nanoseconds since 1970")
        if !text.isEmpty, text.unicodeScalars.allSatisfy(isDigit) {
            guard let value = UInt64(text) else { throw notOne }
            // Seconds, milliseconds and microseconds of today have up to 16 digits; taken for nanoseconds
            // they would quietly mean January 1970.
            guard value == 0 || value >= nanosecondsMin else {
                throw Refusal(
                    description: "is a time of 1970; write nanoseconds since 1970 (19 digits) or RFC 3339")
            }
            return value
        }
        guard let time = rfc3339(text) else { throw notOne }
        return time
    }

    /// A condition on an attribute that stands in one of `scopes`, when it says where.
    package static func attribute(
        _ text: String, scopes: [AttributeScope]
    ) throws(Refusal) -> TraceQuery.AttributeCondition {
        guard let condition = TraceQuery.AttributeCondition(parsing: text) else {
            throw Refusal(
                description:
                    "is not key=value, for example http.route=/items, nor key>number (or >=, <, <=)")
        }
        if let scope = condition.scope, !scopes.contains(scope) {
            let names = scopes.map { "\($0.rawValue):" }.joined(separator: ", ")
            throw Refusal(
                description: "asks for \(scope.rawValue):, which is not here; before a key may stand \(names)"
            )
        }
        return condition
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func digits(of rest: inout Substring.UnicodeScalarView) -> Substring.UnicodeScalarView {
        let digits = rest.prefix(while: isDigit)
        rest = rest[digits.endIndex...]
        return digits
    }

    private static func number(_ digits: Substring.UnicodeScalarView) -> UInt128 {
        digits.reduce(0) { $0 * 10 + UInt128($1.value - 0x30) }
    }

    private static func power(_ exponent: Int) -> UInt128 {
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    // RFC 3339, 5.6: date-time = full-date "T" full-time. A space is taken for the "T", and for a "+" that a
    // URL did not escape.
    private static func rfc3339(_ text: String) -> UInt64? {
        var rest = Array(text.utf8)[...]
        guard let year = take(4, &rest), take("-", &rest), let month = take(2, &rest), take("-", &rest),
            let day = take(2, &rest), take("Tt ", &rest), let hour = take(2, &rest), take(":", &rest),
            let minute = take(2, &rest), take(":", &rest), let second = take(2, &rest),
            (1...12).contains(month), (1...daysIn(month, year)).contains(day), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var fraction = 0
        if take(".", &rest) {
            let digits = rest.prefix { (0x30...0x39).contains($0) }
            guard !digits.isEmpty else { return nil }
            rest = rest[digits.endIndex...]
            let nine = digits.prefix(9).reduce(0) { $0 * 10 + Int($1 - 0x30) }
            fraction = (digits.count..<max(9, digits.count)).reduce(nine) { value, _ in value * 10 }
        }
        guard let offset = zone(&rest), rest.isEmpty else { return nil }
        let days = daysSince1970(year, month, day)
        let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
        guard seconds >= 0 else { return nil }
        let (scaled, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (time, carry) = scaled.addingReportingOverflow(UInt64(fraction))
        return overflow || carry ? nil : time
    }

    /// Minutes east of Greenwich.
    private static func zone(_ rest: inout ArraySlice<UInt8>) -> Int? {
        if take("Zz", &rest) { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard take("+- ", &rest), let hour = take(2, &rest), take(":", &rest), let minute = take(2, &rest),
            hour < 24, minute < 60
        else { return nil }
        return (hour * 60 + minute) * (isWest ? -1 : 1)
    }

    private static func take(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Int? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        rest = rest.dropFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private static func take(_ oneOf: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard let first = rest.first, oneOf.utf8.contains(first) else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func daysIn(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    // Years begin in March here, so that the leap day is the last one and months follow a line.
    // Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

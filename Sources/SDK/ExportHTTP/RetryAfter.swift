// SPDX-License-Identifier: Apache-2.0

/// The header by which a receiver says when it wants to be asked again. Source: RFC 9110, "Retry-After".
enum RetryAfter {
    /// Seconds that are believed: a day. A longer wait ends the attempts for the batch anyway.
    private static let secondsMax: Int64 = 86_400

    /// The wait that `header` asks for, in seconds or as a date; nil when it is neither. A date in the past
    /// is zero.
    static func delay(_ header: String, unixSeconds now: Int64) -> Duration? {
        let text = header.drop { $0 == " " }
        if !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            return .seconds(min(Int64(text) ?? secondsMax, secondsMax))
        }
        guard let date = unixSeconds(httpDate: text, now: now) else { return nil }
        return .seconds(min(max(date - now, 0), secondsMax))
    }

    // RFC 9110, section 5.6.7: "A recipient that parses a timestamp value in an HTTP field MUST accept all three
    // HTTP-date formats": `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` and
    // `Sun Nov  6 08:49:37 1994`.
    private static func unixSeconds(httpDate text: Substring, now: Int64) -> Int64? {
        let parts = text.split(separator: " ")
        switch (parts.count, parts.last) {
        case (6, "GMT") where parts[0].last == ",":
            return unixSeconds(day: parts[1], month: parts[2], year: year(parts[3]), time: parts[4])
        case (4, "GMT") where parts[0].last == ",":
            let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
            guard date.count == 3 else { return nil }
            return unixSeconds(
                day: date[0], month: date[1], year: year(ofTwoDigits: date[2], now), time: parts[2])
        case (5, _):
            let day = parts[2].utf8.count == 1 ? "0" + parts[2] : parts[2]
            return unixSeconds(day: day, month: parts[1], year: year(parts[4]), time: parts[3])
        default: return nil
        }
    }

    private static func unixSeconds(day: Substring, month: Substring, year: Int64?, time: Substring) -> Int64?
    {
        let time = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let year, let day = number(day, count: 2, in: 1...31),
            let month = months.firstIndex(of: String(month)),
            time.count == 3, let hour = number(time[0], count: 2, in: 0...23),
            let minute = number(time[1], count: 2, in: 0...59),
            let second = number(time[2], count: 2, in: 0...60)
        else { return nil }
        return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3_600 + minute * 60
            + second
    }

    private static func year(_ text: Substring) -> Int64? { number(text, count: 4, in: 1970...9999) }

    // RFC 9110, section 5.6.7: a year of two digits "that appears to be more than 50 years in the future" is "the most
    // recent year in the past that had the same last two digits".
    private static func year(ofTwoDigits text: Substring, _ now: Int64) -> Int64? {
        guard let digits = number(text, count: 2, in: 0...99) else { return nil }
        let thisYear = 1970 + now / 31_556_952
        let year = thisYear - thisYear % 100 + digits
        return year > thisYear + 50 ? year - 100 : year
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func number(_ text: Substring, count: Int, in range: ClosedRange<Int64>) -> Int64? {
        guard text.utf8.count == count, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let value = Int64(text), range.contains(value)
        else { return nil }
        return value
    }

    /// Days since 1970-01-01 in the Gregorian calendar; years begin in March, so that the leap day is their
    /// last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

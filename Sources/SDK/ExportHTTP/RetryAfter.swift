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
        guard let date = unixSeconds(httpDate: text) else { return nil }
        return .seconds(min(max(date - now, 0), secondsMax))
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, the one form of dates that RFC 9110 lets senders write.
    private static func unixSeconds(httpDate text: Substring) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[0].count == 4, parts[0].last == ",", parts[5] == "GMT",
            let day = number(parts[1], count: 2, in: 1...31),
            let month = months.firstIndex(of: String(parts[2])),
            let year = number(parts[3], count: 4, in: 1970...9999)
        else { return nil }
        let time = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard time.count == 3, let hour = number(time[0], count: 2, in: 0...23),
            let minute = number(time[1], count: 2, in: 0...59),
            let second = number(time[2], count: 2, in: 0...60)
        else { return nil }
        return days(year: year, month: Int64(month) + 1, day: day) * 86_400 + hour * 3_600 + minute * 60
            + second
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

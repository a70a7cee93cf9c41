// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The moment of a log line, in Unix time.
package struct LogTime: Sendable, Hashable {
    package let seconds: Int
    /// 0 to 999,999.
    package let microseconds: Int

    package init(seconds: Int, microseconds: Int) {
        self.seconds = seconds
        self.microseconds = microseconds
    }

    /// The system's clock.
    package static func now() -> LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: Int(time.tv_sec), microseconds: Int(time.tv_nsec) / 1_000)
    }

    /// Seconds that the local time of the system is ahead of UTC.
    package static func secondsAheadOfUTC(at seconds: Int) -> Int {
        var time = time_t(seconds)
        var parts = tm()
        return localtime_r(&time, &parts) == nil ? 0 : Int(parts.tm_gmtoff)
    }

    /// `2026-11-22T14:14:41.123456Z` (RFC 3339).
    func appendRFC3339(to bytes: inout LineBytes) {
        let (year, month, day) = date
        bytes.appendTwoDigits(year / 100)
        bytes.appendTwoDigits(year)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendTwoDigits(month)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendTwoDigits(day)
        bytes.append(UInt8(ascii: "T"))
        let second = secondOfDay
        bytes.appendTwoDigits(second / 3_600)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendTwoDigits(second / 60 % 60)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendTwoDigits(second % 60)
        bytes.append(UInt8(ascii: "."))
        bytes.appendTwoDigits(microseconds / 10_000)
        bytes.appendTwoDigits(microseconds / 100)
        bytes.appendTwoDigits(microseconds)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// `14:14:41`
    func appendClock(to bytes: inout [UInt8]) {
        let second = secondOfDay
        bytes.append(second / 3_600, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(second / 60 % 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(second % 60, digits: 2)
    }

    private var secondOfDay: Int { seconds - day * 86_400 }

    /// Days since 1970-01-01, negative before.
    private var day: Int { seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400 }

    // Days to civil date after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"; no call into
    // the C library, whose calendar functions take a lock.
    private var date: (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        let month = monthIndex < 10 ? monthIndex + 3 : monthIndex - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthIndex + 2) / 5 + 1
        )
    }
}

extension [UInt8] {
    /// Appends a decimal number with leading zeros; digits beyond `digits` are cut off.
    fileprivate mutating func append(_ number: Int, digits: Int) {
        var divisor = (1..<digits).reduce(1) { power, _ in power * 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import TelemetryModel
internal import TraceAnalysis

/// Log lines as text: time, severity, service, words, trace.
struct LogLines {
    /// Columns of the words at least, when a terminal is narrow.
    private static let wordsColumnsMin = 20
    /// Columns of a service's name at most.
    private static let serviceColumnsMax = 24

    private let logs: [LogListing]
    private let style: TraceTextStyle
    private let now: Date
    private let timeZone: TimeZone

    /// In the order in which they are printed. Times of the day of `now` are shown without their date.
    init(_ logs: [LogListing], style: TraceTextStyle, now: Date, timeZone: TimeZone = .current) {
        self.logs = logs
        self.style = style
        self.now = now
        self.timeZone = timeZone
    }

    func text() -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let times = logs.map { time($0.timeUnixNano, calendar) }
        let names = logs.map { $0.severity.name ?? "-" }
        let services = logs.map { DisplayText($0.service).cutInMiddle(to: Self.serviceColumnsMax) }
        let timeColumns = times.reduce(0) { max($0, $1.count) }
        let nameColumns = names.reduce(0) { max($0, $1.count) }
        let serviceColumns = services.reduce(0) { max($0, $1.width) }
        // The trace id stays whole, because it is what the next command needs; words lose their end.
        let used = timeColumns + nameColumns + serviceColumns + 6
        let hasTraces = logs.contains { $0.traceID != nil }
        let room = style.columns.map { max($0 - used - (hasTraces ? 34 : 0), Self.wordsColumnsMin) }
        var text = ""
        for (index, log) in logs.enumerated() {
            var words = DisplayText(log.words)
            if let room { words = words.cutAtEnd(to: room) }
            text += paint(times[index], "2") + Self.gap(times[index].count, timeColumns)
            text += paint(names[index], Self.color(of: log.severity))
            text += Self.gap(names[index].count, nameColumns)
            text += services[index].text + Self.gap(services[index].width, serviceColumns) + words.text
            if let trace = log.traceID {
                text += Self.gap(words.width, room ?? words.width) + paint(trace, "2")
            }
            text += "\n"
        }
        return text
    }

    private static func gap(_ used: Int, _ columns: Int) -> String {
        String(repeating: " ", count: max(columns - used, 0) + 2)
    }

    private static func color(of severity: LogSeverity) -> String? {
        severity >= .error ? "31" : severity >= .warn ? "33" : severity < .info ? "2" : nil
    }

    private func paint(_ text: String, _ color: String?) -> String {
        guard let color, style.colors else { return text }
        return "\u{1b}[\(color)m\(text)\u{1b}[0m"
    }

    private func time(_ nanoseconds: UInt64, _ calendar: Calendar) -> String {
        let date = Date(timeIntervalSince1970: Double(nanoseconds / 1_000_000_000))
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
        func padded(_ number: Int?, _ digits: Int) -> String {
            let text = String(number ?? 0)
            return String(repeating: "0", count: max(digits - text.count, 0)) + text
        }
        let time =
            "\(padded(parts.hour, 2)):\(padded(parts.minute, 2)):\(padded(parts.second, 2))."
            + padded(Int(nanoseconds / 1_000_000 % 1_000), 3)
        if calendar.isDate(date, inSameDayAs: now) { return time }
        return "\(parts.year ?? 0)-\(padded(parts.month, 2))-\(padded(parts.day, 2)) " + time
    }
}

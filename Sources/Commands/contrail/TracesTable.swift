// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import TraceAnalysis

/// Search results as a table that fits the terminal. Columns leave when there is no room: first the bar, then
/// the services, then the date; the trace id stays whole, because it is what the next command needs.
struct TracesTable {
    /// Columns of the bar that stands for the longest duration.
    private static let barColumns = 8
    /// Columns that root and services get at least when they are shown.
    private static let nameColumnsMin = 12
    /// Columns to which root and services are filled up at most where lines have no end: one long name must
    /// not make every line as long. It stays whole, and what follows it in its line moves.
    private static let paddingColumnsMax = 60

    private struct Column {
        let title: String
        var cells: [DisplayText]
        var isRightAligned = false
        /// May be cut to make the table fit.
        var isFlexible = false
        var isRed = false

        var width: Int { max(title.count, cells.reduce(0) { max($0, $1.width) }) }

        /// To which its cells are filled up.
        func paddedWidth(room: Int?) -> Int {
            isFlexible && room == nil ? min(width, TracesTable.paddingColumnsMax) : width
        }
    }

    private let traces: [TraceListing]
    private let style: TraceTextStyle
    private let now: Date
    private let timeZone: TimeZone

    /// Times of the day of `now` are shown without their date.
    init(_ traces: [TraceListing], style: TraceTextStyle, now: Date, timeZone: TimeZone = .current) {
        self.traces = traces
        self.style = style
        self.now = now
        self.timeZone = timeZone
    }

    /// A title line and a line for each trace.
    func text() -> String {
        let columns = fitted()
        let widths = columns.map { $0.paddedWidth(room: style.columns) }
        var text = line(columns.map { DisplayText($0.title) }, columns, widths, paint: "1")
        for row in traces.indices {
            text += line(columns.map { $0.cells[row] }, columns, widths, paint: nil)
        }
        return text
    }

    private func line(_ cells: [DisplayText], _ columns: [Column], _ widths: [Int], paint: String?) -> String
    {
        var line = ""
        for (index, cell) in cells.enumerated() {
            let padding = String(repeating: " ", count: max(widths[index] - cell.width, 0))
            let color = paint ?? (columns[index].isRed && cell.text != "0" ? "31" : nil)
            let text =
                if let color, style.colors { "\u{1b}[\(color)m\(cell.text)\u{1b}[0m" } else { cell.text }
            line += index == 0 ? "" : "  "
            line += columns[index].isRightAligned ? padding + text : text
            if !columns[index].isRightAligned, index < cells.count - 1 { line += padding }
        }
        return line + "\n"
    }

    private func fitted() -> [Column] {
        guard let room = style.columns else { return columns(bar: false, services: true, date: true) }
        for (bar, services, date) in [(true, true, true), (false, true, true), (false, false, true)] {
            if let fitted = fit(columns(bar: bar, services: services, date: date), in: room) { return fitted }
        }
        let least = columns(bar: false, services: false, date: false)
        return fit(least, in: room) ?? least
    }

    /// The columns with their flexible ones cut so that the table is `room` wide; nil when it cannot be.
    private func fit(_ columns: [Column], in room: Int) -> [Column]? {
        let gaps = 2 * (columns.count - 1)
        let fixed = columns.filter { !$0.isFlexible }.reduce(gaps) { $0 + $1.width }
        let flexible = columns.indices.filter { columns[$0].isFlexible }.sorted {
            columns[$0].width < columns[$1].width
        }
        var columns = columns
        var left = room - fixed
        // The narrower one takes what it needs, and leaves the rest to the wider one.
        for (taken, index) in flexible.enumerated() {
            let share = left / (flexible.count - taken)
            let width = min(columns[index].width, share)
            guard width >= min(columns[index].width, Self.nameColumnsMin) else { return nil }
            columns[index].cells = columns[index].cells.map { $0.cutInMiddle(to: width) }
            left -= width
        }
        return columns
    }

    private func columns(bar: Bool, services: Bool, date: Bool) -> [Column] {
        let durations = traces.map { UInt64($0.durationNano) ?? 0 }
        let longest = durations.max() ?? 0
        var columns = [
            Column(title: "STARTED", cells: traces.map { DisplayText(time($0, withDate: date)) }),
            Column(
                title: "DURATION", cells: durations.map { DisplayText(DurationText($0).description) },
                isRightAligned: true),
        ]
        if bar {
            columns.append(
                Column(title: "", cells: durations.map { DisplayText(Self.bar($0, of: longest)) }))
        }
        columns += [
            Column(
                title: "SPANS", cells: traces.map { DisplayText(String($0.spanCount)) },
                isRightAligned: true),
            Column(
                title: "ERRORS", cells: traces.map { DisplayText(String($0.errorCount)) },
                isRightAligned: true, isRed: true),
            Column(
                title: "ROOT", cells: traces.map { DisplayText($0.rootOperation + "  " + $0.rootService) },
                isFlexible: true),
        ]
        if services {
            let names = traces.map { $0.services.map(\.name).joined(separator: ", ") }
            columns.append(
                Column(title: "SERVICES", cells: names.map { DisplayText($0) }, isFlexible: true))
        }
        columns.append(Column(title: "TRACE ID", cells: traces.map { DisplayText($0.traceId) }))
        return columns
    }

    /// A bar in eighths of a column: `█████▌  `.
    private static func bar(_ duration: UInt64, of longest: UInt64) -> String {
        guard longest > 0 else { return "" }
        let eighths = Int((Double(duration) / Double(longest) * Double(barColumns * 8)).rounded(.up))
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
    }

    private func time(_ trace: TraceListing, withDate: Bool) -> String {
        let seconds = Double((UInt64(trace.startTimeUnixNano) ?? 0) / 1_000_000_000)
        let start = Date(timeIntervalSince1970: seconds)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = timeZone
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: start)
        func two(_ number: Int?) -> String {
            let number = number ?? 0
            return number < 10 ? "0\(number)" : String(number)
        }
        let time = "\(two(parts.hour)):\(two(parts.minute)):\(two(parts.second))"
        if calendar.isDate(start, inSameDayAs: now) || !withDate { return time }
        return "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) " + time
    }
}

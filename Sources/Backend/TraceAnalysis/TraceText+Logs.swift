// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

extension TraceText {
    /// Log lines of one span that are drawn under it when not all are asked for.
    package static let logLinesPerSpan = 3

    /// Columns of a text where lines have no end.
    private static var logTextColumnsMax: Int { 400 }

    /// The log lines under the span of `node`, each behind the branches of the tree.
    func logLines(of node: TraceTree.Node, branches: String, columns: Int) -> String {
        drawn(logs.lines(of: node.span.spanID), offset: node.clockOffsetNano, branches, columns)
    }

    /// Log lines of the trace that belong to no span of it; empty without any.
    package func otherLogsText() -> String {
        let lines = logs.lines(outside: Set(tree.nodes.lazy.map(\.span.spanID)))
        guard !lines.isEmpty else { return "" }
        return paint("log lines of no span here", .bold) + "\n" + drawn(lines, offset: 0, "  ", 2)
    }

    private func drawn(
        _ all: [TraceLogs.Line], offset: Int64, _ branches: String, _ columns: Int
    ) -> String {
        let (lines, leftOut) = TraceLogs.chosen(all, logLinesMax)
        guard !lines.isEmpty else { return "" }
        let start = tree.nodes.lazy.map(\.startTimeUnixNano).min() ?? 0
        let times = lines.map { Self.offset(of: $0.timeUnixNano.moved(by: offset), from: start) }
        let timeColumns = times.reduce(0) { max($0, $1.count) }
        let names = lines.map { $0.severity.name ?? "-" }
        let nameColumns = names.reduce(0) { max($0, $1.count) }
        let room = style.columns.map { max($0 - columns - timeColumns - nameColumns - 4, 12) }
        var text = ""
        for (index, line) in lines.enumerated() {
            let words = DisplayText(line.text).cutAtEnd(to: room ?? Self.logTextColumnsMax).text
            let name = names[index] + String(repeating: " ", count: nameColumns - names[index].count)
            text += paint(branches, .dim) + paint(Self.right(times[index], timeColumns), .dim) + "  "
            text += paint(name, Self.paint(of: line.severity)) + "  " + words + "\n"
        }
        if leftOut > 0 {
            text += paint(branches + "… \(leftOut) more (--logs shows all)", .dim) + "\n"
        }
        return text
    }

    private static func paint(of severity: LogSeverity) -> Paint {
        severity >= .error ? .red : severity >= .warn ? .yellow : .dim
    }

    /// `+12 ms` after the start of the trace, `-3 ms` before it.
    private static func offset(of time: UInt64, from start: UInt64) -> String {
        time >= start ? "+\(DurationText(time - start))" : "-\(DurationText(start - time))"
    }
}

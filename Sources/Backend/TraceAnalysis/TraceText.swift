// SPDX-License-Identifier: Apache-2.0

/// How text for people is laid out; the caller knows whether there is a terminal.
package struct TraceTextStyle: Hashable, Sendable {
    /// Columns of the terminal; nil when the text goes to a file or a pipe.
    package var columns: Int?
    /// Whether escape sequences for colours may be written.
    package var colors: Bool

    package init(columns: Int? = nil, colors: Bool = false) {
        self.columns = columns
        self.colors = colors
    }
}

/// A trace as text: its tree, what is odd about it, and where the time went.
package struct TraceText: Sendable {
    /// The column at which durations of short names end up, so that small traces look alike.
    static let labelColumnsMin = 50
    /// Names longer than this lose their middle even where the lines have no end.
    static let labelColumnsMax = 160
    /// Levels of branches drawn before a name. Deeper spans tell how many levels are left out: a chain of
    /// 100,000 spans would otherwise make a picture of 15 GB.
    static let levelsMax = 32
    /// Lines of "where the time went"; the rest is summed in one more.
    static let breakdownLinesMax = 8

    let tree: TraceTree
    let style: TraceTextStyle
    let logs: TraceLogs
    /// Log lines drawn under one span; nil for all.
    let logLinesMax: Int?

    package init(
        _ tree: TraceTree, style: TraceTextStyle = TraceTextStyle(), logs: TraceLogs = TraceLogs(),
        logLinesMax: Int? = logLinesPerSpan
    ) {
        self.tree = tree
        self.style = style
        self.logs = logs
        self.logLinesMax = logLinesMax
    }

    /// Tree, log lines of no span, warnings and breakdown with empty lines between; ends with a line feed.
    package func whole() -> String {
        [treeText(), otherLogsText(), warningsText(), breakdownText()].filter { !$0.isEmpty }.joined(
            separator: "\n")
    }

    /// One line for each warning, `! ` before it; empty without any.
    package func warningsText() -> String {
        tree.warnings.map { warning in
            let text = DisplayText(warning.message)
            return paint("! " + text.text, .yellow) + "\n"
        }.joined()
    }

    /// Duration, share and label, largest first, few lines, the rest summed. Empty for a trace without spans.
    package func breakdownText() -> String {
        guard let breakdown = TimeBreakdown(tree) else { return "" }
        let groups = breakdown.groups
        // A rest of one line would take as much room as the line itself.
        let shown = groups.count <= Self.breakdownLinesMax + 1 ? groups.count : Self.breakdownLinesMax
        var times = groups[..<shown].map(\.durationNano)
        var labels = groups[..<shown].map { DisplayText($0.label) }
        if shown < groups.count {
            times.append(groups[shown...].reduce(0) { $0 + $1.durationNano })
            labels.append(DisplayText("\(groups.count - shown) others"))
        }
        let durations = times.map { DurationText($0).description }
        // Of the lines as they stand: the rounded groups of a long rest would add up to another number.
        let shares = zip(Percentages.of(times), times).map { $0 == 0 && $1 > 0 ? "<1 %" : "\($0) %" }
        let durationColumns = durations.reduce(0) { max($0, $1.count) }
        let shareColumns = shares.reduce(0) { max($0, $1.count) }
        let room = max((style.columns ?? .max) - durationColumns - shareColumns - 6, 20)
        let lines = labels.indices.map { index in
            "  " + Self.right(durations[index], durationColumns)
                + "  " + Self.right(shares[index], shareColumns)
                + "  " + labels[index].cutInMiddle(to: min(room, Self.labelColumnsMax)).text
        }
        return paint("where the time went", .bold) + "\n" + lines.joined(separator: "\n") + "\n"
    }

    static func right(_ text: String, _ columns: Int) -> String {
        String(repeating: " ", count: max(columns - text.count, 0)) + text
    }

    enum Paint: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case yellow = "33"
    }

    func paint(_ text: String, _ paint: Paint) -> String {
        style.colors && !text.isEmpty ? "\u{1b}[\(paint.rawValue)m\(text)\u{1b}[0m" : text
    }
}

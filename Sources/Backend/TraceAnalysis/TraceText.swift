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

    package init(_ tree: TraceTree, style: TraceTextStyle = TraceTextStyle()) {
        self.tree = tree
        self.style = style
    }

    /// Tree, warnings and breakdown with empty lines between; ends with a line feed.
    package func whole() -> String {
        [treeText(), warningsText(), breakdownText()].filter { !$0.isEmpty }.joined(separator: "\n")
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
        let rest = groups[shown...]
        var rows = groups[..<shown].map { group in
            (
                DurationText(group.durationNano).description, share(group.percent, of: group.durationNano),
                DisplayText(group.label)
            )
        }
        if !rest.isEmpty {
            let time = rest.reduce(0) { $0 + $1.durationNano }
            rows.append(
                (
                    DurationText(time).description, share(rest.reduce(0) { $0 + $1.percent }, of: time),
                    DisplayText(plain: "\(rest.count) others")
                ))
        }
        let durationColumns = rows.map { $0.0.count }.max() ?? 0
        let room = max((style.columns ?? .max) - durationColumns - 10, 20)
        let lines = rows.map { duration, share, label in
            "  " + Self.right(duration, durationColumns) + "  " + Self.right(share, 4) + "  "
                + label.cutInMiddle(to: min(room, Self.labelColumnsMax)).text
        }
        return paint("where the time went", .bold) + "\n" + lines.joined(separator: "\n") + "\n"
    }

    private func share(_ percent: Int, of nanoseconds: UInt64) -> String {
        percent == 0 && nanoseconds > 0 ? "<1 %" : "\(percent) %"
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

// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

extension TraceText {
    /// One line for each span, each followed by its log lines and its subtree; empty for a trace without spans.
    package func treeText() -> String {
        let rows = rows()
        let durationColumns = rows.reduce(0) { max($0, $1.duration.count) }
        let labelColumns = labelColumns(of: rows, durationColumns: durationColumns)
        var text = ""
        for row in rows {
            let label = row.label.cutInMiddle(to: max(labelColumns - row.prefixColumns, Self.labelRoomMin))
            text += paint(row.prefix, .dim)
            text += row.hasFailed ? paint(label.text, .red) : label.text
            text += String(repeating: " ", count: max(labelColumns - row.prefixColumns - label.width, 0))
            text += "  " + Self.right(row.duration, durationColumns)
            text += notes(of: row, after: labelColumns + 2 + durationColumns)
            text += "\n" + row.logLines
        }
        return text
    }

    /// Columns left for a name however deep it hangs.
    private static var labelRoomMin: Int { 12 }
    /// Columns kept for notes behind the durations on a terminal.
    private static var notesRoom: Int { 24 }

    private struct Row {
        let prefix: String
        let prefixColumns: Int
        let label: DisplayText
        let duration: String
        let hasFailed: Bool
        let failure: DisplayText?
        let remarks: DisplayText?
        /// Whole lines, or empty.
        let logLines: String
    }

    private func rows() -> [Row] {
        let levels = style.columns.map { min(max(($0 - 30) / 6, 3), Self.levelsMax) } ?? Self.levelsMax
        var lastOnLevel: [Bool] = []
        // A span id that stands twice has its lines once.
        var drawn: Set<SpanID> = []
        return tree.nodes.indices.map { index in
            let node = tree.nodes[index]
            lastOnLevel.removeSubrange(min(node.depth, lastOnLevel.count)...)
            lastOnLevel.append(node.isLastSibling)
            let remarks = remarks(on: node)
            let (prefix, prefixColumns) = prefix(lastOnLevel, levels: levels)
            var logLines = ""
            if drawn.insert(node.span.spanID).inserted {
                // As the branch of a child that is not there, so that the tree goes on beside the lines.
                let (branches, columns) = self.prefix(lastOnLevel + [false], levels: levels)
                let open = node.children.isEmpty ? "   " : "│  "
                logLines = self.logLines(
                    of: node, branches: String(branches.dropLast(3)) + open, columns: columns)
            }
            return Row(
                prefix: prefix, prefixColumns: prefixColumns, label: DisplayText(tree.labelText(of: index)),
                duration: DurationText(node.span.durationNano).description,
                hasFailed: node.span.status.code == .error,
                failure: node.span.failureText.map { DisplayText($0) },
                remarks: remarks.isEmpty
                    ? nil : DisplayText(plain: "(" + remarks.joined(separator: ", ") + ")"),
                logLines: logLines)
        }
    }

    private func prefix(_ lastOnLevel: [Bool], levels: Int) -> (text: String, columns: Int) {
        let depth = lastOnLevel.count - 1
        guard depth > 0 else { return ("", 0) }
        let hidden = max(depth - levels, 0)
        var prefix = hidden > 0 ? "…\(hidden) " : ""
        let columns = prefix.count + 3 * (depth - hidden)
        for level in (1 + hidden)..<depth { prefix += lastOnLevel[level] ? "   " : "│  " }
        return (prefix + (lastOnLevel[depth] ? "└─ " : "├─ "), columns)
    }

    private func remarks(on node: TraceTree.Node) -> [String] {
        var remarks: [String] = []
        switch node.place {
        case .root, .child: break
        case .orphan: remarks.append("parent \(node.span.parentSpanID?.hex ?? "") missing")
        case .cycle: remarks.append("its parent \(node.span.parentSpanID?.hex ?? "") is below it")
        }
        if node.sharesSpanID { remarks.append("span id \(node.span.spanID) stands more than once") }
        // It counts as lasting no time, here and everywhere.
        if node.span.endTimeUnixNano < node.span.startTimeUnixNano {
            let amount = node.span.startTimeUnixNano - node.span.endTimeUnixNano
            remarks.append("ends \(DurationText(amount)) before it starts")
        }
        if let skew = node.skew {
            let amount = DurationText(skew.amountNano)
            switch skew.direction {
            case .early: remarks.append("clock: starts \(amount) before its parent")
            case .late: remarks.append("clock: starts \(amount) after its parent ended")
            }
        }
        return remarks
    }

    private func labelColumns(of rows: [Row], durationColumns: Int) -> Int {
        let wanted = rows.reduce(Self.labelColumnsMin) { widest, row in
            max(widest, row.prefixColumns + min(row.label.width, Self.labelColumnsMax))
        }
        guard let columns = style.columns else { return wanted }
        let hasNotes = rows.contains { $0.hasFailed || $0.remarks != nil }
        let room = columns - durationColumns - 2
        return max(min(wanted, hasNotes ? max(room - Self.notesRoom, room / 2) : room), 20)
    }

    private func notes(of row: Row, after used: Int) -> String {
        var room = style.columns.map { max($0 - used, Self.labelRoomMin) } ?? 4 * Self.labelColumnsMax
        var notes = ""
        if row.hasFailed {
            let message = row.failure.map { $0.text.isEmpty ? "✗" : "✗ " + $0.text } ?? "✗"
            let cut = DisplayText(plain: message).cutAtEnd(to: room - 2)
            notes += "  " + paint(cut.text, .red)
            room -= cut.width + 2
        }
        if let remarks = row.remarks, room > 8 {
            notes += "  " + paint(remarks.cutAtEnd(to: room - 2).text, .dim)
        }
        return notes
    }
}

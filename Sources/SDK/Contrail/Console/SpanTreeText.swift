// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Draws spans as a tree for people:
///
/// ```
/// 4bf92f3577b34da6a3ce929d0e0e4736  items  31.2 ms
/// POST /items  server      31.2 ms  ████████████████████
/// ├─ validate              1.20 ms  █
/// └─ INSERT items  client  25.0 ms    ████████████████    ✗ database is locked  db.system.name=sqlite
/// ```
/// Equal spans make equal bytes, in whatever order they and their attributes come.
struct SpanTreeText {
    /// Columns of the bars.
    private static let barWidth = 20
    /// Longer labels push their bar to the right instead of those of all the others.
    private static let labelWidthMax = 60
    /// Characters of a value; longer ones are cut.
    private static let valueLengthMax = 100
    /// Attributes of a span or an event; of the others the number is said.
    private static let attributesMax = 8
    /// Events of a span; of the others the number is said.
    private static let eventsMax = 8
    /// Levels that are indented; deeper ones stand below each other.
    private static let indentedLevelsMax = 32
    /// Conventions that repeat what the name says, or that seldom help at one's desk.
    private static let quietPrefixes = [
        "network.", "server.", "client.", "user_agent.", "url.scheme", "thread.", "code.",
        "http.request.method",
    ]

    private struct Row {
        let span: SpanData
        /// Before the name.
        let lead: String
        /// Before what hangs on the span.
        let below: String
        /// Columns up to the bar.
        var labelWidth: Int {
            lead.count + min(span.name.count, SpanTreeText.valueLengthMax + 1)
                + (span.kind.shown.map { $0.count + 2 } ?? 0)
        }
    }

    private var line: TerminalLine
    private let start: UInt64
    private let total: UInt64

    static func draw(_ group: WaitingSpans.Group, isColoured: Bool) -> [UInt8] {
        let start = group.spans.map(\.startTimeUnixNano).min() ?? 0
        let end = group.spans.map(\.endTimeUnixNano).max() ?? 0
        var text = SpanTreeText(
            line: TerminalLine(isColoured: isColoured), start: start, total: end > start ? end - start : 0)
        text.head(group)
        let rows = rows(group.spans)
        let width = min(rows.map(\.labelWidth).max() ?? 0, labelWidthMax)
        for row in rows { text.draw(row, labelWidth: width) }
        return text.line.bytes
    }

    private mutating func head(_ group: WaitingSpans.Group) {
        line.coloured(.dim, group.spans.first?.traceID.hex ?? "")
        if !group.serviceName.isEmpty {
            line.text("  ")
            line.coloured(.cyan, group.serviceName)
        }
        line.text("  \(Self.duration(total))")
        if !group.isWhole {
            line.coloured(.yellow, "  without their root, which is still open or not recorded")
        }
        line.text("\n")
    }

    private mutating func draw(_ row: Row, labelWidth: Int) {
        let span = row.span
        let isFailed = span.status.code == .error
        line.coloured(.dim, row.lead)
        if isFailed { line.coloured(.red, Self.cut(span.name)) } else { line.escaped(Self.cut(span.name)) }
        if let kind = span.kind.shown { line.coloured(.dim, "  \(kind)") }
        let duration = Self.duration(span.durationNano)
        pad(max(labelWidth - row.labelWidth, 0) + max(9 - duration.count, 1))
        line.text("\(duration)  ")
        let (before, length) = bar(span)
        pad(before)
        line.coloured(isFailed ? .red : .green, String(repeating: "█", count: length))
        var facts = span.status.code == .error || !span.attributes.isEmpty || !span.links.isEmpty
        if span.status.code == .ok { facts = true }
        if facts { pad(Self.barWidth - before - length) }
        switch span.status.code {
        case .unset: break
        case .ok: line.coloured(.green, "  ✓")
        case .error:
            let message = Self.cut(span.status.message)
            line.coloured(.red, message.isEmpty ? "  ✗" : "  ✗ \(message)")
        }
        attributes(span.attributes, quiet: true)
        if !span.links.isEmpty { line.field("links", "\(span.links.count)") }
        line.text("\n")
        events(span, below: row.below)
    }

    private mutating func events(_ span: SpanData, below: String) {
        for event in span.events.prefix(Self.eventsMax) {
            line.coloured(.dim, "\(below)· ")
            line.coloured(event.name == "exception" ? .red : .magenta, Self.cut(event.name))
            let offset =
                event.timeUnixNano > span.startTimeUnixNano ? event.timeUnixNano - span.startTimeUnixNano : 0
            line.coloured(.dim, " +\(Self.duration(offset))")
            // A stack trace has many lines; backends show it.
            attributes(Attributes(event.attributes.filter { $0.key != "exception.stacktrace" }), quiet: false)
            line.text("\n")
        }
        if span.events.count > Self.eventsMax {
            line.coloured(.dim, "\(below)· and \(span.events.count - Self.eventsMax) more events")
            line.text("\n")
        }
    }

    private mutating func attributes(_ attributes: Attributes, quiet: Bool) {
        // Sorted: what swift-distributed-tracing hands over has another order in each run.
        let telling = attributes.filter { attribute in
            !quiet || !Self.quietPrefixes.contains { attribute.key.hasPrefix($0) }
        }.sorted { $0.key < $1.key }.prefix(Self.attributesMax)
        for attribute in telling {
            let isSecret = SecretNames.contains(attribute.key)
            line.field(
                attribute.key, isSecret ? LogSecrets.replacement : Self.cut(Self.shown(attribute.value)))
        }
        if attributes.count > telling.count { line.coloured(.dim, "  +\(attributes.count - telling.count)") }
    }

    private mutating func pad(_ columns: Int) { line.text(String(repeating: " ", count: max(columns, 0))) }

    /// Columns before the bar, and of the bar, at least one.
    private func bar(_ span: SpanData) -> (before: Int, length: Int) {
        guard total > 0 else { return (0, Self.barWidth) }
        let columns = Double(Self.barWidth)
        let from = Double(span.startTimeUnixNano - start) / Double(total) * columns
        let length = Double(span.durationNano) / Double(total) * columns
        let before = min(Int(from), Self.barWidth - 1)
        return (before, min(max(Int(length.rounded()), 1), Self.barWidth - before))
    }
}

extension SpanTreeText {
    /// Each span once, parents before children, siblings by their start. Also with parents that are missing or run in
    /// a circle, and however deep.
    private static func rows(_ spans: [SpanData]) -> [Row] {
        let spans = spans.sorted {
            ($0.startTimeUnixNano, $0.spanID.value, $0.name) < (
                $1.startTimeUnixNano, $1.spanID.value, $1.name
            )
        }
        let ids = Set(spans.map(\.spanID))
        var children: [SpanID: [Int]] = [:]
        var tops: [Int] = []
        for (index, span) in spans.enumerated() {
            if let parent = span.parentSpanID, parent != span.spanID, ids.contains(parent) {
                children[parent, default: []].append(index)
            } else {
                tops.append(index)
            }
        }
        var rows: [Row] = []
        var drawn: Set<Int> = []
        for top in tops + spans.indices {
            var open = [(index: top, lead: "", below: "", depth: 0)]
            while let (index, lead, below, depth) = open.popLast() {
                guard drawn.insert(index).inserted else { continue }
                let under = (children[spans[index].spanID] ?? []).filter { !drawn.contains($0) }
                rows.append(
                    Row(span: spans[index], lead: lead, below: under.isEmpty ? "\(below)  " : "\(below)│ "))
                for (place, child) in under.enumerated().reversed() {
                    let isLast = place == under.count - 1
                    let isDeep = depth >= indentedLevelsMax
                    open.append(
                        (
                            child, "\(below)\(isLast ? "└─ " : "├─ ")",
                            isDeep ? below : "\(below)\(isLast ? "   " : "│  ")", depth + 1
                        ))
                }
            }
        }
        return rows
    }

    /// Three digits and a unit, whatever the locale: `870 ns`, `1.20 ms`, `25.0 ms`, `125 s`.
    static func duration(_ nano: UInt64) -> String {
        let units: [(size: UInt64, name: String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")]
        guard let unit = units.first(where: { nano >= $0.size }) else { return "\(nano) ns" }
        let whole = nano / unit.size
        let thousandths = nano % unit.size / (unit.size / 1_000)
        if whole >= 100 { return "\(whole) \(unit.name)" }
        let digits = String(1_000 + thousandths).dropFirst()
        return "\(whole).\(digits.prefix(whole >= 10 ? 1 : 2)) \(unit.name)"
    }

    private static func cut(_ text: String) -> String {
        text.count > valueLengthMax ? "\(text.prefix(valueLengthMax))…" : text
    }

    private static func shown(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .array(let elements): "[" + elements.map(shown).joined(separator: ", ") + "]"
        case .map(let members):
            "{" + members.map { "\($0.key): \(shown($0.value))" }.joined(separator: ", ") + "}"
        case .empty: ""
        }
    }
}

extension SpanKind {
    /// Nil for the usual one.
    fileprivate var shown: String? {
        switch self {
        case .unspecified, .internal: nil
        case .server, .client, .producer, .consumer: "\(self)"
        }
    }
}

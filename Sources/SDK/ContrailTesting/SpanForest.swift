// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Finished spans as trees, in the order in which they started.
struct SpanForest {
    struct Node {
        let span: SpanData
        let children: [Node]

        /// Ends before `other` starts: their order is no accident.
        func precedes(_ other: Node) -> Bool {
            span.endTimeUnixNano <= other.span.startTimeUnixNano
                && span.startTimeUnixNano < other.span.startTimeUnixNano
        }
    }

    let roots: [Node]

    /// A span whose parent is not among `spans` is a root.
    init(_ spans: [SpanData]) {
        let known = Set(spans.map(\.spanID))
        var children: [SpanID: [SpanData]] = [:]
        var roots: [SpanData] = []
        // Those that started at the same time stay in the order in which they ended.
        for span in spans.enumerated().sorted(by: {
            ($0.element.startTimeUnixNano, $0.offset) < ($1.element.startTimeUnixNano, $1.offset)
        }).map(\.element) {
            if let parent = span.parentSpanID, parent != span.spanID, known.contains(parent) {
                children[parent, default: []].append(span)
            } else {
                roots.append(span)
            }
        }
        func node(_ span: SpanData) -> Node {
            Node(span: span, children: (children[span.spanID] ?? []).map(node))
        }
        self.roots = roots.map(node)
    }
}

/// A tree of spans as a person writes it down: one line each, children below their parent.
struct SpanSketch: Equatable {
    /// What one line says of a span; what it does not say may be anything.
    struct Line: Equatable {
        var name = ""
        var kind: SpanKind?
        var status: SpanStatus.Code?
        var statusMessage: String?
        /// `key=value`, or `key=*` for any value.
        var attributes: [(key: String, value: String)] = []
        var events: [String] = []

        static func == (left: Self, right: Self) -> Bool { left.text == right.text }
    }

    struct Node: Equatable {
        var line: Line
        var children: [Node] = []
    }

    var roots: [Node]

    /// Why a text is no sketch.
    struct Malformed: Error {
        let line: Int
        let reason: String
    }

    /// Reads lines like `├─ INSERT items  client  db.system.name=sqlite`. How far the name stands to the right says
    /// whose child it is; the characters of the tree may as well be spaces.
    init(_ text: String) throws(Malformed) {
        struct Entry {
            let depth: Int
            let line: Line
        }
        var entries: [Entry] = []
        var columns: [Int] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let body = raw.drop { " │├└─|`-+\t".contains($0) }
            guard !body.isEmpty else { continue }
            let column = raw.count - body.count
            while let last = columns.last, last >= column { columns.removeLast() }
            columns.append(column)
            do throws(LineError) {
                entries.append(Entry(depth: columns.count - 1, line: try Line(body)))
            } catch {
                throw Malformed(line: index + 1, reason: error.reason)
            }
        }
        var position = 0
        func nodes(at depth: Int) -> [Node] {
            var siblings: [Node] = []
            while position < entries.count, entries[position].depth >= depth {
                let line = entries[position].line
                position += 1
                siblings.append(Node(line: line, children: nodes(at: depth + 1)))
            }
            return siblings
        }
        roots = nodes(at: 0)
    }

    struct LineError: Error {
        let reason: String
    }
}

extension SpanSketch.Line {
    /// The name, and behind two spaces each: a kind, `ok`, `error`, `error="message"`, `key=value`, `event:name`.
    init(_ text: Substring) throws(SpanSketch.LineError) {
        var parts = text.split(separator: "  ").map { $0.drop { $0 == " " } }.filter { !$0.isEmpty }
        while parts.last?.last == " " { parts[parts.count - 1].removeLast() }
        name = String(parts.removeFirst())
        for part in parts {
            if let kind = SpanKind(sketched: part) {
                self.kind = kind
            } else if part == "ok" {
                status = .ok
            } else if part == "error" {
                status = .error
            } else if part.hasPrefix("error=") {
                status = .error
                statusMessage = String(part.dropFirst(6)).trimmingQuotes
            } else if part.hasPrefix("event:") {
                events.append(String(part.dropFirst(6)))
            } else if let equals = part.firstIndex(of: "="), equals > part.startIndex {
                attributes.append(
                    (String(part[..<equals]), String(part[part.index(after: equals)...]).trimmingQuotes))
            } else {
                throw SpanSketch.LineError(
                    reason: "\"\(part)\" is neither a kind, ok, error, event:name nor key=value")
            }
        }
    }

    /// The line again, in one order.
    var text: String {
        var parts = [name]
        if let kind { parts.append(kind.sketch) }
        switch status {
        case .ok: parts.append("ok")
        case .error: parts.append(statusMessage.map { "error=\"\($0)\"" } ?? "error")
        case .unset, nil: break
        }
        parts += attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        parts += events.map { "event:\($0)" }
        return parts.joined(separator: "  ")
    }

    /// Whether `span` is what the line says.
    func matches(_ span: SpanData) -> Bool {
        guard span.name == name, kind == nil || kind == span.kind,
            status == nil || status == span.status.code,
            statusMessage == nil || statusMessage == span.status.message
        else { return false }
        return attributes.allSatisfy { key, value in
            span.attributes[key].map { value == "*" || $0.sketch == value } ?? false
        } && events.allSatisfy { name in span.events.contains { $0.name == name } }
    }

    /// What there is to say of `span`: its name, a kind other than internal, an error, and what `asked` names.
    init(_ span: SpanData, asked: SpanSketch.Line?) {
        name = span.name
        if span.kind != .internal || asked?.kind != nil { kind = span.kind }
        if span.status.code != .unset { status = span.status.code }
        if asked?.statusMessage != nil || span.status.code == .error && asked?.status == nil {
            statusMessage = span.status.message
        }
        attributes = (asked?.attributes ?? []).compactMap { key, value in
            span.attributes[key].map { (key, value == "*" ? "*" : $0.sketch) }
        }
        events = (asked?.events ?? []).filter { name in span.events.contains { $0.name == name } }
    }
}

extension SpanKind {
    fileprivate init?(sketched text: Substring) {
        guard
            let kind = [SpanKind.internal, .server, .client, .producer, .consumer].first(where: {
                $0.sketch == text
            })
        else { return nil }
        self = kind
    }

    fileprivate var sketch: String { "\(self)" }
}

extension AttributeValue {
    /// As a person writes it: without quotes, lists in brackets.
    fileprivate var sketch: String {
        switch self {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .array(let values): "[\(values.map(\.sketch).joined(separator: ", "))]"
        case .map(let values): "{\(values.map { "\($0.key): \($0.value.sketch)" }.joined(separator: ", "))}"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .empty: ""
        }
    }
}

extension String {
    fileprivate var trimmingQuotes: String {
        count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
    }
}

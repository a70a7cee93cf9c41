// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

extension TestTelemetry {
    /// Holds when the finished spans form this tree, and no others are there.
    ///
    /// ```swift
    /// try telemetry.expect(
    ///     """
    ///     POST /api/v1/items/  server
    ///     ├─ validate_input
    ///     ├─ INSERT items  client  db.system.name=sqlite
    ///     └─ log_event
    ///     """)
    /// ```
    /// One line for each span: its name, and behind two spaces each what else matters: a kind (`internal`, `server`,
    /// `client`, `producer`, `consumer`), `ok`, `error` or `error="message"`, `key=value` (`key=*` for any value),
    /// `event:name`. What a line does not say may be anything. The characters of the tree may be spaces.
    ///
    /// Siblings stand in the order in which they started; those that overlapped in time may stand in any. A span
    /// whose parent has not ended, or is elsewhere, is a root.
    /// - Parameter tree: as above; the empty text for no span at all.
    /// - Throws: ``TreeMismatch`` with both trees side by side: uncaught, it fails a test of Swift Testing or XCTest
    ///   and is shown.
    public func expect(_ tree: String) throws(TreeMismatch) {
        let sketch: SpanSketch
        do throws(SpanSketch.Malformed) {
            sketch = try SpanSketch(tree)
        } catch {
            throw TreeMismatch(
                description: "line \(error.line) of the expected tree cannot be read: \(error.reason)")
        }
        let forest = SpanForest(finishedSpans)
        var steps = SpanMatching.stepsMax
        guard !SpanMatching.match(sketch.roots, forest.roots, &steps) else { return }
        throw TreeMismatch(expected: sketch, forest)
    }

    /// The finished spans as a tree, to be pasted into ``expect(_:)``.
    public var tree: String {
        SpanDrawing.lines(SpanForest(finishedSpans).roots.map { SpanDrawing.node($0) { _ in nil } })
            .joined(separator: "\n")
    }
}

/// How the spans of a test differ from the tree that it expects.
public struct TreeMismatch: Error, CustomStringConvertible {
    /// Both trees, line by line: `-` stands before what is missing, `+` before what is there instead.
    public let description: String

    init(description: String) { self.description = description }

    init(expected: SpanSketch, _ forest: SpanForest) {
        // Of the spans that are there only what is asked for under their name is shown.
        var asked: [String: SpanSketch.Line] = [:]
        func collect(_ node: SpanSketch.Node) {
            var line = asked[node.line.name] ?? SpanSketch.Line(name: node.line.name)
            line.kind = line.kind ?? node.line.kind
            line.status = line.status ?? node.line.status
            line.statusMessage = line.statusMessage ?? node.line.statusMessage
            line.attributes += node.line.attributes.filter { new in
                !line.attributes.contains { $0.key == new.key }
            }
            line.events += node.line.events.filter { !line.events.contains($0) }
            asked[node.line.name] = line
            node.children.forEach(collect)
        }
        expected.roots.forEach(collect)
        let wanted = SpanDrawing.lines(expected.roots)
        let found = SpanDrawing.lines(forest.roots.map { SpanDrawing.node($0) { asked[$0] } })
        var text = "the spans form another tree (- expected, + there instead)"
        if wanted == found { text += "; siblings ran in another order" }
        description = text + "\n" + Self.difference(wanted, found).joined(separator: "\n")
    }

    /// Both texts as one: common lines once, others behind `-` and `+`.
    private static func difference(_ wanted: [String], _ found: [String]) -> [String] {
        let changes = found.difference(from: wanted)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in changes {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var lines: [String] = []
        var (left, right) = (0, 0)
        while left < wanted.count || right < found.count {
            if left < wanted.count, removed.contains(left) {
                lines.append("- \(wanted[left])")
                left += 1
            } else if right < found.count, inserted.contains(right) {
                lines.append("+ \(found[right])")
                right += 1
            } else {
                lines.append("  \(wanted[left])")
                left += 1
                right += 1
            }
        }
        return lines.isEmpty ? ["  (no spans)"] : lines
    }
}

/// Finds for each expected line a span.
private enum SpanMatching {
    /// Comparisons after which a match is given up; trees of a test take a few for each span.
    static let stepsMax = 100_000

    static func match(_ wanted: [SpanSketch.Node], _ found: [SpanForest.Node], _ steps: inout Int) -> Bool {
        guard wanted.count == found.count else { return false }
        guard let first = wanted.first else { return true }
        for (index, candidate) in found.enumerated() {
            steps -= 1
            guard steps > 0 else { return false }
            // One that ended before this one started has to be named first.
            guard !found.contains(where: { $0.precedes(candidate) }) else { continue }
            guard first.line.matches(candidate.span), match(first.children, candidate.children, &steps) else {
                continue
            }
            var rest = found
            rest.remove(at: index)
            if match(Array(wanted.dropFirst()), rest, &steps) { return true }
        }
        return false
    }
}

/// Draws trees with `├─` and `└─`.
private enum SpanDrawing {
    static func node(_ node: SpanForest.Node, asked: (String) -> SpanSketch.Line?) -> SpanSketch.Node {
        SpanSketch.Node(
            line: SpanSketch.Line(node.span, asked: asked(node.span.name)),
            children: node.children.map { self.node($0, asked: asked) })
    }

    static func lines(_ roots: [SpanSketch.Node]) -> [String] {
        roots.flatMap { [$0.line.text] + below($0.children, indent: "") }
    }

    private static func below(_ children: [SpanSketch.Node], indent: String) -> [String] {
        children.enumerated().flatMap { index, child in
            let isLast = index == children.count - 1
            return [indent + (isLast ? "└─ " : "├─ ") + child.line.text]
                + below(child.children, indent: indent + (isLast ? "   " : "│  "))
        }
    }
}

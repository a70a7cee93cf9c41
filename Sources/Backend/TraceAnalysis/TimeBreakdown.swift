// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

/// Where the time of a trace's main root went: each nanosecond of it belongs to exactly one span.
///
/// The critical path is walked back from the end of the root. Time that the latest-ending child covers
/// belongs to that child (and, by the same rule, to its children); time that no child covers belongs to the
/// span itself. Work that went on beside a longer sibling, or after the root had ended, cost the caller no
/// time and has none.
package struct TimeBreakdown: Sendable {
    /// A stretch of the critical path that one span spent itself.
    package struct Segment: Hashable, Sendable {
        package let node: Int
        /// Nanoseconds since 1970 UTC, clock corrected.
        package let startTimeUnixNano: UInt64
        package let endTimeUnixNano: UInt64
        package var durationNano: UInt64 { endTimeUnixNano - startTimeUnixNano }
    }

    /// All spans of one service with one label.
    package struct Group: Hashable, Sendable {
        package let service: String
        package let label: String
        package fileprivate(set) var durationNano: UInt64
        package fileprivate(set) var spanCount: Int
        /// Whole per cent, rounded; 0 below one.
        package fileprivate(set) var percent: Int
    }

    /// The root whose time is told.
    package let root: Int
    /// Its duration, nanoseconds: the sum over ``groups`` and over ``segments``.
    package let totalNano: UInt64
    /// The critical path, earliest first, without gap or overlap.
    package let segments: [Segment]
    /// Largest first.
    package let groups: [Group]

    /// Nil for a trace without spans.
    package init?(_ tree: TraceTree) {
        guard let root = tree.mainRoot else { return nil }
        self.root = root
        totalNano = tree.nodes[root].endTimeUnixNano - tree.nodes[root].startTimeUnixNano
        segments = Self.criticalPath(of: root, in: tree)
        groups = Self.groups(of: segments, root: root, totalNano: totalNano, in: tree)
    }

    /// Nanoseconds of the critical path that each node spent itself, by index.
    package func criticalTimes(nodeCount: Int) -> [UInt64] {
        var times = Array(repeating: UInt64(0), count: nodeCount)
        for segment in segments { times[segment.node] += segment.durationNano }
        return times
    }

    private struct Frame {
        let node: Int
        /// Children, latest end first; `next` is the first not looked at.
        let children: [Int]
        var next = 0
        let from: UInt64
        /// Time from here on is already given away.
        var cursor: UInt64
    }

    private static func criticalPath(of root: Int, in tree: TraceTree) -> [Segment] {
        var backwards: [Segment] = []
        var stack = [
            frame(
                root, in: tree, from: tree.nodes[root].startTimeUnixNano,
                to: tree.nodes[root].endTimeUnixNano)
        ]
        while let top = stack.indices.last {
            guard let child = nextChild(of: &stack[top], in: tree) else {
                let frame = stack.removeLast()
                append(frame.node, from: frame.from, to: frame.cursor, to: &backwards)
                continue
            }
            let end = min(tree.nodes[child].endTimeUnixNano, stack[top].cursor)
            let start = max(tree.nodes[child].startTimeUnixNano, stack[top].from)
            append(stack[top].node, from: end, to: stack[top].cursor, to: &backwards)
            stack[top].cursor = start
            stack.append(frame(child, in: tree, from: start, to: end))
        }
        return backwards.reversed()
    }

    private static func frame(_ node: Int, in tree: TraceTree, from: UInt64, to cursor: UInt64) -> Frame {
        let children = tree.nodes[node].children.sorted {
            (tree.nodes[$0].endTimeUnixNano, $0) > (tree.nodes[$1].endTimeUnixNano, $1)
        }
        return Frame(node: node, children: children, from: from, cursor: cursor)
    }

    /// The latest-ending child not looked at yet that has some time before the cursor.
    private static func nextChild(of frame: inout Frame, in tree: TraceTree) -> Int? {
        while frame.next < frame.children.count {
            let child = frame.children[frame.next]
            frame.next += 1
            let node = tree.nodes[child]
            let end = min(node.endTimeUnixNano, frame.cursor)
            if max(node.startTimeUnixNano, frame.from) < end { return child }
        }
        return nil
    }

    private static func append(_ node: Int, from: UInt64, to: UInt64, to segments: inout [Segment]) {
        guard from < to else { return }
        segments.append(Segment(node: node, startTimeUnixNano: from, endTimeUnixNano: to))
    }

    private static func groups(
        of segments: [Segment], root: Int, totalNano: UInt64, in tree: TraceTree
    ) -> [Group] {
        struct Key: Hashable {
            let service: String
            let label: String
        }
        var times: [Int: UInt64] = segments.isEmpty ? [root: 0] : [:]
        for segment in segments { times[segment.node, default: 0] += segment.durationNano }
        var found: [Key: Group] = [:]
        for (index, time) in times {
            let node = tree.nodes[index]
            let label = SpanLabel(of: node, in: tree)
            let key = Key(service: node.service, label: label.text(withService: true))
            found[
                key,
                default: Group(
                    service: key.service, label: key.label, durationNano: 0, spanCount: 0, percent: 0)
            ].add(time)
        }
        var groups = found.values.sorted {
            $0.durationNano != $1.durationNano
                ? $0.durationNano > $1.durationNano : ($0.service, $0.label) < ($1.service, $1.label)
        }
        let percents = Percentages.of(groups.map(\.durationNano))
        for (index, percent) in percents.enumerated() { groups[index].percent = percent }
        return groups
    }
}

extension TimeBreakdown.Group {
    fileprivate mutating func add(_ time: UInt64) {
        durationNano += time
        spanCount += 1
    }
}

extension TraceTree {
    /// For each node the part of its time, in nanoseconds, in which none of its children ran.
    package func selfTimes() -> [UInt64] {
        nodes.map { node in
            var time = node.endTimeUnixNano - node.startTimeUnixNano
            // Children stand by start, so one look from left to right joins those that overlap.
            var covered = node.startTimeUnixNano
            for child in node.children {
                let start = max(nodes[child].startTimeUnixNano, covered)
                let end = min(nodes[child].endTimeUnixNano, node.endTimeUnixNano)
                guard start < end else { continue }
                time -= end - start
                covered = end
            }
            return time
        }
    }
}

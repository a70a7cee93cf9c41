// SPDX-License-Identifier: Apache-2.0

internal import TelemetryModel

/// One thing about a trace that its reader must know.
package struct TraceWarning: Hashable, Sendable {
    /// The bounded name of the thing, for programs.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        case orphans
        case noRoot = "no_root"
        case severalRoots = "several_roots"
        case cycle
        case sharedSpanID = "shared_span_id"
        case clockSkew = "clock_skew"
        case startsBeforeParent = "starts_before_parent"
        case endsBeforeStart = "ends_before_start"
        case zeroDuration = "zero_duration"
    }

    package let code: Code
    /// One sentence for people, without a full stop. Names in it are as they were received: show them with
    /// care.
    package let message: String
    /// Indices of the nodes concerned.
    package let nodes: [Int]
    /// For clock skew: by how much the clocks differ at least, nanoseconds.
    package let amountNano: UInt64?

    init(_ code: Code, _ message: String, nodes: [Int], amountNano: UInt64? = nil) {
        self.code = code
        self.message = message
        self.nodes = nodes
        self.amountNano = amountNano
    }
}

extension TraceWarning {
    static func all(nodes: [TraceTree.Node], links: SpanLinks) -> [TraceWarning] {
        missing(nodes) + circles(nodes, links) + shared(nodes) + clocks(nodes) + times(nodes)
    }

    private static func missing(_ nodes: [TraceTree.Node]) -> [TraceWarning] {
        var warnings: [TraceWarning] = []
        let orphans = nodes.indices.filter { nodes[$0].place == .orphan }
        if !orphans.isEmpty {
            let parents = Set(orphans.compactMap { nodes[$0].span.parentSpanID }).count
            let text =
                orphans.count == 1
                ? "1 span names a parent that was never received"
                : parents == 1
                    ? "\(orphans.count) spans name the same parent, which was never received"
                    : "\(orphans.count) spans name parents that were never received"
            warnings.append(TraceWarning(.orphans, text, nodes: orphans))
        }
        let roots = nodes.indices.filter { nodes[$0].place == .root }
        if roots.count > 1 {
            warnings.append(
                TraceWarning(.severalRoots, "the trace has \(roots.count) roots", nodes: roots))
        } else if roots.isEmpty, orphans.count > 1 {
            warnings.append(
                TraceWarning(.noRoot, "no span without a parent was received: the root is missing", nodes: [])
            )
        }
        return warnings
    }

    private static func circles(_ nodes: [TraceTree.Node], _ links: SpanLinks) -> [TraceWarning] {
        guard !links.cycles.isEmpty else { return [] }
        var nodeOfPosition = Array(repeating: 0, count: nodes.count)
        for (index, node) in nodes.enumerated() { nodeOfPosition[node.position] = index }
        return links.cycles.map { members in
            let head = nodes[nodeOfPosition[members[0]]].span.spanID
            let text =
                members.count == 1
                ? "span \(head) names itself as its parent"
                : "\(members.count) spans are each other's parents; the circle is opened at span \(head)"
            return TraceWarning(.cycle, text, nodes: members.map { nodeOfPosition[$0] })
        }
    }

    private static func shared(_ nodes: [TraceTree.Node]) -> [TraceWarning] {
        let sharing = nodes.indices.filter { nodes[$0].sharesSpanID }
        guard !sharing.isEmpty else { return [] }
        let ids = Set(sharing.map { nodes[$0].span.spanID }).count
        let text =
            ids == 1
            ? "\(sharing.count) spans have the same span id"
            : "\(sharing.count) spans share \(ids) span ids"
        return [TraceWarning(.sharedSpanID, text, nodes: sharing)]
    }

    private static func clocks(_ nodes: [TraceTree.Node]) -> [TraceWarning] {
        struct Pair: Hashable {
            let parent: String
            let child: String
        }
        var order: [Pair] = []
        var skewed: [Pair: (nodes: [Int], amount: UInt64)] = [:]
        var early: (nodes: [Int], amount: UInt64) = ([], 0)
        for (index, node) in nodes.enumerated() {
            guard let skew = node.skew, let parent = node.parent else { continue }
            guard skew.isCorrected else {
                early.nodes.append(index)
                early.amount = max(early.amount, skew.amountNano)
                continue
            }
            let pair = Pair(parent: nodes[parent].service, child: node.service)
            if skewed[pair] == nil { order.append(pair) }
            skewed[pair, default: ([], 0)].nodes.append(index)
            skewed[pair, default: ([], 0)].amount = max(skewed[pair]?.amount ?? 0, skew.amountNano)
        }
        var warnings = order.compactMap { pair -> TraceWarning? in
            guard let (spans, amount) = skewed[pair] else { return nil }
            let text =
                "the clocks of \(pair.parent) and \(pair.child) differ by at least \(DurationText(amount)): "
                + "\(counted(spans.count, "span is", "spans are")) drawn moved"
            return TraceWarning(.clockSkew, text, nodes: spans, amountNano: amount)
        }
        if !early.nodes.isEmpty {
            let text =
                "\(counted(early.nodes.count, "span starts", "spans start")) up to "
                + "\(DurationText(early.amount)) before the parent"
            warnings.append(
                TraceWarning(.startsBeforeParent, text, nodes: early.nodes, amountNano: early.amount))
        }
        return warnings
    }

    private static func times(_ nodes: [TraceTree.Node]) -> [TraceWarning] {
        let negative = nodes.indices.filter {
            nodes[$0].span.endTimeUnixNano < nodes[$0].span.startTimeUnixNano
        }
        let zero = nodes.indices.filter {
            nodes[$0].span.endTimeUnixNano == nodes[$0].span.startTimeUnixNano
        }
        var warnings: [TraceWarning] = []
        if !negative.isEmpty {
            let text = counted(
                negative.count, "span ends before it starts: it counts as lasting no time",
                "spans end before they start: they count as lasting no time")
            warnings.append(TraceWarning(.endsBeforeStart, text, nodes: negative))
        }
        if !zero.isEmpty {
            let text = counted(zero.count, "span has no duration", "spans have no duration")
            warnings.append(TraceWarning(.zeroDuration, text, nodes: zero))
        }
        return warnings
    }

    private static func counted(_ count: Int, _ one: String, _ many: String) -> String {
        count == 1 ? "1 \(one)" : "\(count) \(many)"
    }
}

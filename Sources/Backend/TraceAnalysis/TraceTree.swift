// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// The spans of one trace as a tree, in the order in which they are drawn.
///
/// Every span given stands in ``nodes`` exactly once, whatever its ids and times say; what is odd about it is
/// in its node and, for the reader, in ``warnings``. Making a tree never traps and takes time in proportion
/// to the spans (and the logarithm of the most children of one span).
package struct TraceTree: Sendable {
    /// One span with its place.
    package struct Node: Sendable {
        package let span: SpanData
        /// The service that made it; ``Resource/unknownServiceName`` when the resource does not say.
        package let service: String
        /// Its number among the spans as they were given, resource by resource, scope by scope.
        package let position: Int
        package let place: Place
        /// Index of the node it hangs on; always smaller than its own.
        package let parent: Int?
        /// Indices of its children, earliest start first.
        package fileprivate(set) var children: [Int]
        /// Zero for what hangs on nothing.
        package let depth: Int
        /// The last among its siblings: its branch is drawn as a corner.
        package let isLastSibling: Bool
        /// Another span of the trace has the same span id.
        package let sharesSpanID: Bool
        /// Nanoseconds added to the times it was sent with, because the clock of its resource is wrong.
        package let clockOffsetNano: Int64
        /// How it lies outside its parent's time, if no asynchronous work explains that.
        package let skew: ClockSkew?

        /// Start after correction, nanoseconds since 1970 UTC.
        package var startTimeUnixNano: UInt64 { span.startTimeUnixNano.moved(by: clockOffsetNano) }
        /// End after correction, never before the start.
        package var endTimeUnixNano: UInt64 {
            max(span.endTimeUnixNano.moved(by: clockOffsetNano), startTimeUnixNano)
        }
    }

    /// Why a node hangs where it hangs.
    package enum Place: String, Hashable, Sendable {
        /// Names no parent.
        case root
        /// Hangs on its parent.
        case child
        /// Names a parent that is not among the spans.
        case orphan
        /// Its parent is also its descendant; the circle is opened at this span, the earliest of it.
        case cycle
    }

    /// All spans, each followed by its whole subtree.
    package let nodes: [Node]
    /// What hangs on nothing: real roots first, then orphans, then opened circles, each earliest first.
    package let roots: [Int]
    /// What a reader must know before believing the picture; empty for a trace without fault.
    package let warnings: [TraceWarning]

    /// The first of ``roots``; nil for no spans.
    package var mainRoot: Int? { roots.first }

    package init(_ resourceSpans: [ResourceSpans]) {
        let links = SpanLinks(resourceSpans)
        var layout = TreeLayout(links)
        layout.run()
        nodes = layout.nodes
        roots = layout.nodes.indices.filter { layout.nodes[$0].parent == nil }
        warnings = TraceWarning.all(nodes: layout.nodes, links: links)
    }
}

/// Walks from the roots down, corrects clocks on the way, and puts the spans into drawing order.
private struct TreeLayout {
    private let links: SpanLinks
    private(set) var nodes: [TraceTree.Node] = []

    private struct Pending {
        var index: Int
        var parent: Int?
        var depth: Int
        var isLastSibling: Bool
        var correction: ClockCorrection
    }

    init(_ links: SpanLinks) {
        self.links = links
        nodes.reserveCapacity(links.entries.count)
    }

    // A stack of our own: a chain of 100,000 spans would overflow the thread's.
    mutating func run() {
        var stack: [Pending] = []
        push(
            links.roots.map { ($0, ClockCorrection.none) }, under: nil, depth: 0, onto: &stack,
            rank: { [links] in links.place[$0].rank })
        while let next = stack.popLast() {
            let position = nodes.count
            append(next)
            if let parent = next.parent { nodes[parent].children.append(position) }
            let children = links.children(of: next.index)
            guard !children.isEmpty else { continue }
            let corrected = children.map { ($0, correction(of: $0, under: position)) }
            push(corrected, under: position, depth: next.depth + 1, onto: &stack, rank: { _ in 0 })
        }
    }

    private mutating func append(_ next: Pending) {
        let entry = links.entries[next.index]
        nodes.append(
            TraceTree.Node(
                span: entry.span, service: links.services[entry.resource], position: next.index,
                place: links.place[next.index], parent: next.parent, children: [], depth: next.depth,
                isLastSibling: next.isLastSibling, sharesSpanID: links.sharesSpanID[next.index],
                clockOffsetNano: next.correction.offsetNano, skew: next.correction.skew))
    }

    private func correction(of index: Int, under parent: Int) -> ClockCorrection {
        let parentNode = nodes[parent]
        let sameClock = links.entries[index].resource == links.entries[parentNode.position].resource
        return ClockCorrection(of: links.entries[index].span, under: parentNode, sameClock: sameClock)
    }

    private func push(
        _ siblings: [(index: Int, correction: ClockCorrection)], under parent: Int?, depth: Int,
        onto stack: inout [Pending], rank: (Int) -> Int
    ) {
        let sorted = siblings.map { sibling in
            let span = links.entries[sibling.index].span
            return (
                key: SiblingOrder(
                    rank: rank(sibling.index),
                    start: span.startTimeUnixNano.moved(by: sibling.correction.offsetNano),
                    id: span.spanID.value, position: sibling.index),
                sibling: sibling
            )
        }.sorted { $0.key < $1.key }
        for (offset, (_, sibling)) in sorted.enumerated().reversed() {
            stack.append(
                Pending(
                    index: sibling.index, parent: parent, depth: depth,
                    isLastSibling: offset == sorted.count - 1, correction: sibling.correction))
        }
    }
}

/// Earliest first; ids and positions make the order the same on every run.
private struct SiblingOrder: Comparable {
    var rank: Int
    var start: UInt64
    var id: UInt64
    var position: Int

    static func < (left: SiblingOrder, right: SiblingOrder) -> Bool {
        (left.rank, left.start, left.id, left.position) < (right.rank, right.start, right.id, right.position)
    }
}

extension TraceTree.Place {
    fileprivate var rank: Int {
        switch self {
        case .root, .child: 0
        case .orphan: 1
        case .cycle: 2
        }
    }
}

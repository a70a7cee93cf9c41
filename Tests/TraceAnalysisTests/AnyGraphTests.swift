// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing
import TraceAnalysis

/// Whatever arrives, everything is drawn once and all time is given away once.
@Suite("Any graph of spans")
struct AnyGraphTests {
    @Test("every span is drawn once, below its parent, and shares add up", arguments: 0..<300)
    func invariants(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let groups = random.trace()
        let count = groups.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
        let tree = TraceTree(groups)
        #expect(tree.nodes.map(\.position).sorted() == Array(0..<count))
        for (index, node) in tree.nodes.enumerated() {
            if let parent = node.parent {
                #expect(parent < index && tree.nodes[parent].children.contains(index))
                #expect(node.depth == tree.nodes[parent].depth + 1)
                #expect(tree.nodes[parent].span.spanID == node.span.parentSpanID)
            } else {
                #expect(node.depth == 0 && node.place != .child && tree.roots.contains(index))
            }
            let starts = node.children.map { tree.nodes[$0].startTimeUnixNano }
            #expect(starts == starts.sorted())
        }
        let text = TraceText(tree, style: TraceTextStyle(columns: 70)).whole()
        #expect(text.split(separator: "\n").count >= count)

        guard count > 0 else { return }
        let breakdown = try #require(TimeBreakdown(tree))
        let root = tree.nodes[breakdown.root]
        #expect(breakdown.groups.reduce(0) { $0 + $1.durationNano } == breakdown.totalNano)
        #expect(breakdown.groups.allSatisfy { (0...100).contains($0.percent) })
        var cursor = root.startTimeUnixNano
        for segment in breakdown.segments {
            #expect(segment.startTimeUnixNano == cursor && segment.endTimeUnixNano > cursor)
            cursor = segment.endTimeUnixNano
        }
        #expect(cursor == root.endTimeUnixNano)
        for (node, own) in zip(tree.nodes, tree.selfTimes()) {
            #expect(own <= node.endTimeUnixNano - node.startTimeUnixNano)
        }
    }

    @Test("a chain of 100,000 spans does not overflow the stack")
    func chain() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 1_000)
        for id in 2...100_000 as ClosedRange<UInt64> {
            sketch.add("a", id, under: id - 1, "deep", from: 0, for: 999)
        }
        let tree = TraceTree(sketch.groups)
        #expect(tree.nodes.last?.depth == 99_999)
        #expect(TimeBreakdown(tree)?.totalNano == 1_000_000_000)
        #expect(tree.selfTimes().last == 999_000_000)
    }

    @Test("20,000 children of one span are all drawn")
    func star() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 1_000)
        for id in 2...20_001 as ClosedRange<UInt64> {
            sketch.add("a", id, under: 1, "wide", from: Double(id) / 40, for: 1)
        }
        let tree = TraceTree(sketch.groups)
        #expect(tree.nodes[0].children.count == 20_000)
        #expect(TimeBreakdown(tree)?.totalNano == 1_000_000_000)
    }

    @Test("a circle of 10,000 spans is opened once")
    func largeCircle() {
        var sketch = TraceSketch()
        for id in 0..<10_000 as Range<UInt64> {
            sketch.add("a", id + 1, under: (id + 1) % 10_000 + 1, "round", from: Double(id), for: 1)
        }
        let tree = TraceTree(sketch.groups)
        #expect(tree.roots.count == 1)
        #expect(tree.nodes.last?.depth == 9_999)
        #expect(tree.warnings.first?.code == .cycle)
    }
}

/// Source: Steele, Lea, Flood: "Fast splittable pseudorandom number generators", the generator SplitMix64.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// Few ids, so that circles, doubles and orphans are frequent; times from sensible to absurd.
    mutating func trace() -> [ResourceSpans] {
        let spans = Int.random(in: 0...40, using: &self)
        let ids = UInt64.random(in: 1...60, using: &self)
        var groups: [ResourceSpans] = []
        for _ in 0..<spans {
            let service = "service \(Int.random(in: 0...3, using: &self))"
            let parent =
                Int.random(in: 0...9, using: &self) == 0 ? nil : UInt64.random(in: 0...ids, using: &self)
            let span = SpanData(
                traceID: TraceSketch.traceID, spanID: SpanID(value: UInt64.random(in: 0...ids, using: &self)),
                parentSpanID: parent.map { SpanID(value: $0) }, name: "span",
                kind: SpanKind.allCases.randomElement(using: &self) ?? .internal,
                startTimeUnixNano: time(), endTimeUnixNano: time(),
                status: SpanStatus(code: SpanStatus.Code.allCases.randomElement(using: &self) ?? .unset))
            groups.append(
                ResourceSpans(
                    resource: Resource(attributes: ["service.name": .string(service)]),
                    scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: ""), spans: [span])]))
        }
        return groups
    }

    private mutating func time() -> UInt64 {
        switch Int.random(in: 0...19, using: &self) {
        case 0: next()
        case 1: 0
        case 2: .max
        default: TraceSketch.epoch + UInt64.random(in: 0...1_000_000_000, using: &self)
        }
    }
}

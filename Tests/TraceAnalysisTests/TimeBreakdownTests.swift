// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing
import TraceAnalysis

@Suite("Where the time went")
struct TimeBreakdownTests {
    private func milliseconds(_ sketch: TraceSketch) throws -> [String: Double] {
        let tree = TraceTree(sketch.groups)
        let breakdown = try #require(TimeBreakdown(tree))
        let times = breakdown.criticalTimes(nodeCount: tree.nodes.count)
        return Dictionary(
            uniqueKeysWithValues: zip(tree.nodes, times).map { ($0.span.name, Double($1) / 1e6) })
    }

    @Test("time that no child covers belongs to the span itself")
    func ownTime() throws {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 2, under: 1, "first", from: 10, for: 20)
        sketch.add("a", 3, under: 1, "second", from: 40, for: 50)
        #expect(try milliseconds(sketch) == ["root": 30, "first": 20, "second": 50])
    }

    @Test("of parallel children the one that ends last has the time; the other has what is before it")
    func parallel() throws {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 2, under: 1, "early", from: 0, for: 60)
        sketch.add("a", 3, under: 1, "late", from: 20, for: 80)
        sketch.add("a", 4, under: 1, "hidden", from: 30, for: 20)
        #expect(try milliseconds(sketch) == ["root": 0, "early": 20, "late": 80, "hidden": 0])
    }

    @Test("work that outlives its caller costs the caller only the time until the end")
    func background() throws {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 2, under: 1, "background", from: 90, for: 500)
        sketch.add("a", 3, under: 1, "after", from: 150, for: 10)
        sketch.add("a", 4, under: 2, "below background", from: 95, for: 400)
        #expect(
            try milliseconds(sketch) == ["root": 90, "background": 5, "after": 0, "below background": 5])
    }

    @Test("a server with a wrong clock still takes its share of the call")
    func skewed() throws {
        var sketch = TraceSketch()
        sketch.add("a", 1, "GET", .client, from: 0, for: 100)
        sketch.add("b", 2, under: 1, "GET /", .server, from: 7_000, for: 90)
        #expect(try milliseconds(sketch) == ["GET": 10, "GET /": 90])
    }

    @Test("a root without duration has all of nothing")
    func zero() throws {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 0)
        let breakdown = try #require(TimeBreakdown(TraceTree(sketch.groups)))
        #expect(breakdown.totalNano == 0)
        #expect(breakdown.groups.map(\.percent) == [100])
        #expect(breakdown.segments == [])
        #expect(TimeBreakdown(TraceTree([])) == nil)
    }

    @Test("a part below one per cent says so, and takes nothing from the others' rounding")
    func small() throws {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 2, under: 1, "third", from: 0, for: 33.49)
        sketch.add("a", 3, under: 1, "another", from: 40, for: 33.49)
        sketch.add("a", 4, under: 1, "tiny", from: 80, for: 0.02)
        let tree = TraceTree(sketch.groups)
        #expect(try #require(TimeBreakdown(tree)).groups.map(\.percent) == [33, 33, 33, 0])
        #expect(TraceText(tree).breakdownText().contains("<1 %  tiny"))
    }

    @Test("many kinds of spans: few lines, the rest in one, and 100 per cent")
    func rest() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 300)
        for id in 2...31 {
            sketch.add("a", UInt64(id), under: 1, "step \(id)", from: Double(id) * 9, for: 7)
        }
        let lines = TraceText(TraceTree(sketch.groups)).breakdownText().split(separator: "\n")
        #expect(lines.count == 10)
        #expect(lines.last == "  161 ms  54 %  23 others")
    }

    @Test("self time is the time in which no child runs, counted once where children overlap")
    func selfTime() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 2, under: 1, "one", from: 10, for: 30)
        sketch.add("a", 3, under: 1, "two", from: 20, for: 30)
        sketch.add("a", 4, under: 1, "out", from: 90, for: 30)
        let tree = TraceTree(sketch.groups)
        #expect(tree.selfTimes() == [50_000_000, 30_000_000, 30_000_000, 30_000_000])
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing
import TraceAnalysis

@Suite("Trace tree")
struct TraceTreeTests {
    private func drawn(_ sketch: TraceSketch) -> String {
        let text = TraceText(TraceTree(sketch.groups))
        return text.treeText() + text.warningsText()
    }

    @Test("children stand by start, whatever the order of arrival")
    func order() {
        var sketch = TraceSketch()
        sketch.add("a", 4, under: 1, "third", from: 30, for: 1)
        sketch.add("a", 2, under: 1, "first", from: 10, for: 1)
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 3, under: 1, "second", from: 20, for: 1)
        let tree = TraceTree(sketch.groups)
        #expect(tree.nodes.map(\.span.name) == ["root", "first", "second", "third"])
        #expect(tree.nodes[0].children == [1, 2, 3])
        #expect(tree.nodes.map(\.position) == [2, 1, 3, 0])
        #expect(tree.nodes.map(\.isLastSibling) == [true, false, false, true])
        #expect(tree.warnings == [])
    }

    @Test("spans whose parents never came are drawn after the roots and counted")
    func orphans() {
        var sketch = TraceSketch()
        sketch.add("a", 2, under: 0xdead, "lost", from: -5, for: 10)
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 3, under: 0xbeef, "lost too", from: 20, for: 10)
        sketch.add("a", 4, under: 3, "child of lost", from: 21, for: 2)
        #expect(
            drawn(sketch) == """
                root  a                                             100 ms
                lost  a                                              10 ms  (parent 000000000000dead missing)
                lost too  a                                          10 ms  (parent 000000000000beef missing)
                └─ child of lost                                      2 ms
                ! 2 spans name parents that were never received

                """)
    }

    @Test("a trace whose caller is elsewhere has one orphan and no more to say")
    func remoteCaller() {
        var sketch = TraceSketch()
        sketch.add("a", 1, under: 0xc0ffee, "GET /", .server, from: 0, for: 1)
        let tree = TraceTree(sketch.groups)
        #expect(tree.warnings.map(\.message) == ["1 span names a parent that was never received"])
        #expect(tree.mainRoot == 0)
    }

    @Test("several roots are all drawn and said; a missing root too")
    func roots() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "one", from: 0, for: 1)
        sketch.add("b", 2, "two", from: 5, for: 1)
        #expect(TraceTree(sketch.groups).warnings.map(\.code) == [.severalRoots])
        var rootless = TraceSketch()
        rootless.add("a", 2, under: 1, "one", from: 0, for: 1)
        rootless.add("a", 3, under: 1, "two", from: 5, for: 1)
        #expect(
            TraceTree(rootless.groups).warnings.map(\.message) == [
                "2 spans name the same parent, which was never received",
                "no span without a parent was received: the root is missing",
            ])
    }

    @Test("a circle is opened at its earliest span, and what hangs on it stays")
    func cycles() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 3, under: 5, "in circle 3", from: 11, for: 3)
        sketch.add("a", 4, under: 3, "in circle 4", from: 10, for: 3)
        sketch.add("a", 5, under: 4, "in circle 5", from: 12, for: 3)
        sketch.add("a", 6, under: 5, "on circle", from: 13, for: 1)
        sketch.add("a", 7, under: 7, "own parent", from: 20, for: 1)
        #expect(
            drawn(sketch)
                == """
                root  a                                             100 ms
                in circle 4  a                                        3 ms  (its parent 0000000000000003 is below it)
                └─ in circle 5                                        3 ms
                   ├─ in circle 3                                     3 ms
                   └─ on circle                                       1 ms
                own parent  a                                         1 ms  (its parent 0000000000000007 is below it)
                ! span 0000000000000007 names itself as its parent
                ! 3 spans are each other's parents; the circle is opened at span 0000000000000004

                """)
    }

    @Test("of two spans with one id, children hang on the one of their own process")
    func sharedIDs() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        sketch.add("a", 2, under: 1, "call", .client, from: 10, for: 50)
        sketch.add("b", 2, under: 1, "answer", .server, from: 12, for: 40)
        sketch.add("b", 3, under: 2, "work", from: 13, for: 30)
        sketch.add("c", 4, under: 2, "elsewhere", from: 14, for: 1)
        let tree = TraceTree(sketch.groups)
        let parents = Dictionary(
            uniqueKeysWithValues: tree.nodes.map {
                ($0.span.name, $0.parent.map { tree.nodes[$0].span.name })
            })
        #expect(
            parents == ["root": nil, "call": "root", "answer": "root", "work": "answer", "elsewhere": "call"])
        #expect(tree.warnings.map(\.message) == ["2 spans have the same span id"])
        #expect(tree.nodes.filter(\.sharesSpanID).map(\.span.name) == ["call", "answer"])
    }

    @Test("a server whose clock is wrong is drawn within the call, with all below it, and said")
    func clockSkew() {
        var sketch = TraceSketch()
        sketch.add("gateway", 1, "GET /", .server, from: 0, for: 100)
        sketch.add("gateway", 2, under: 1, "GET", .client, from: 10, for: 80)
        sketch.add("items", 3, under: 2, "GET /items", .server, from: -3_000, for: 60)
        sketch.add("items", 4, under: 3, "GET", .client, from: -2_990, for: 40)
        sketch.add("gateway", 5, under: 4, "GET /back", .server, from: 35, for: 30)
        let tree = TraceTree(sketch.groups)
        let starts = tree.nodes.map { Int64($0.startTimeUnixNano) - Int64(TraceSketch.epoch) }
        #expect(starts == [0, 10_000_000, 20_000_000, 30_000_000, 35_000_000])
        #expect(tree.nodes.map(\.clockOffsetNano) == [0, 0, 3_020_000_000, 3_020_000_000, 0])
        #expect(
            tree.warnings.map(\.message) == [
                "the clocks of gateway and items differ by at least 3.01 s: 1 span is drawn moved"
            ])
        #expect(tree.warnings.first?.amountNano == 3_010_000_000)
        #expect(drawn(sketch).contains("  60 ms  (clock: starts 3.01 s before its parent)"))
    }

    @Test("a server that starts after its caller was answered has a wrong clock; after a timeout it has not")
    func lateServer() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "GET", .client, from: 0, for: 10)
        sketch.add("b", 2, under: 1, "GET /", .server, from: 50, for: 4)
        #expect(TraceTree(sketch.groups).nodes[1].skew?.direction == .late)
        #expect(TraceTree(sketch.groups).nodes[1].skew?.amountNano == 40_000_000)
        var timeout = TraceSketch()
        timeout.add("a", 1, "GET", .client, from: 0, for: 10, status: SpanStatus(code: .error))
        timeout.add("b", 2, under: 1, "GET /", .server, from: 50, for: 4)
        #expect(TraceTree(timeout.groups).warnings == [])
    }

    @Test("work handed on, queues, and a millisecond of rounding are no clock skew")
    func noSkew() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "GET /", .server, from: 0, for: 10)
        sketch.add("a", 2, under: 1, "in the background", from: 20, for: 500)
        sketch.add("a", 3, under: 1, "send", .producer, from: 2, for: 1, ["messaging.system": "kafka"])
        sketch.add("b", 4, under: 3, "process", .consumer, from: 9_000, for: 5)
        sketch.add("b", 5, under: 1, "GET /rounded", .server, from: -1, for: 5)
        sketch.add("a", 6, under: 1, "GET", .client, from: 3, for: 4)
        sketch.add("b", 7, under: 6, "GET /streams", .server, from: 4, for: 200)
        #expect(TraceTree(sketch.groups).warnings == [])
    }

    @Test("in one process nothing is moved, but a child before its parent is said")
    func earlyInOneProcess() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 10)
        sketch.add("a", 2, under: 1, "early", from: -7, for: 3)
        let tree = TraceTree(sketch.groups)
        #expect(tree.nodes[1].clockOffsetNano == 0)
        #expect(tree.warnings.map(\.message) == ["1 span starts up to 7 ms before the parent"])
    }

    @Test(
        "spans without duration are said; one that ends before it starts lasts no time and says by how much")
    func durations() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 10)
        sketch.add("a", 2, under: 1, "nothing", from: 1, for: 0)
        sketch.add("a", 3, under: 1, "backwards", from: 5, for: -2)
        #expect(
            drawn(sketch) == """
                root  a                                             10 ms
                ├─ nothing                                           0 ns
                └─ backwards                                         0 ns  (ends 2 ms before it starts)
                ! 1 span ends before it starts: it counts as lasting no time
                ! 1 span has no duration

                """)
    }

    @Test("a resource without a name is unknown_service; an empty span name is said to be none")
    func names() {
        var sketch = TraceSketch()
        sketch.add(nil, 1, "", from: 0, for: 10)
        #expect(drawn(sketch).hasPrefix("(no name)  unknown_service  "))
    }

    @Test(
        "a call tells where it goes by what is known best",
        arguments: [
            (["server.address": "db.local", "server.port": 8080], "GET  a → db.local:8080"),
            (["server.address": "db.local", "server.port": 443], "GET  a → db.local"),
            (["server.address": "::1", "server.port": 8080], "GET  a → [::1]:8080"),
            (["peer.service": "stock", "server.address": "10.0.0.7"], "GET  a → stock"),
            (["net.peer.name": "old"], "GET  a → old"), ([:], "GET  a"),
            (["db.system": "postgresql", "server.address": "db"], "GET  (postgresql)  a"),
        ] as [(Attributes, String)])
    func peers(attributes: Attributes, label: String) {
        var sketch = TraceSketch()
        sketch.add("a", 1, "GET", .client, from: 0, for: 10, attributes)
        #expect(TraceTree(sketch.groups).labelText(of: 0) == label)
    }
}

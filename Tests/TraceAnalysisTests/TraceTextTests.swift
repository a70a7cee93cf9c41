// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing
import TraceAnalysis

@Suite("Trace as text")
struct TraceTextTests {
    private func text(_ sketch: TraceSketch, _ style: TraceTextStyle = TraceTextStyle()) -> TraceText {
        TraceText(TraceTree(sketch.groups), style: style)
    }

    @Test("one request over three services is drawn as on the front page")
    func frontPage() {
        #expect(
            text(.order).treeText() == """
                POST /api/v1/items/  gateway                        512 ms
                └─ POST  gateway → items                            508 ms
                   └─ POST /api/v1/items/  items                    505 ms
                      ├─ validate_input                               2 ms
                      ├─ GET  items → pricing                       421 ms
                      │  └─ GET /quote/{sku}  pricing               419 ms
                      ├─ INSERT items  (sqlite)                      30 ms
                      ├─ serialize_response                           1 ms
                      └─ log_event                                    1 ms

                """)
        #expect(text(.order).warningsText() == "")
    }

    @Test("where the time went: largest first, what is below one per cent says so")
    func breakdown() {
        #expect(
            text(.order).breakdownText() == """
                where the time went
                  419 ms  82 %  GET /quote/{sku}  pricing
                   50 ms  10 %  POST /api/v1/items/  items
                   30 ms   6 %  INSERT items  (sqlite)  items
                    4 ms  <1 %  POST /api/v1/items/  gateway
                    3 ms  <1 %  POST  gateway → items
                    2 ms  <1 %  GET  items → pricing
                    2 ms  <1 %  validate_input  items
                    1 ms  <1 %  log_event  items
                    1 ms  <1 %  serialize_response  items

                """)
    }

    @Test("a failed span says why; without a message the status code speaks")
    func failures() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "GET /", .server, from: 0, for: 10, status: SpanStatus(code: .error))
        sketch.add(
            "a", 2, under: 1, "GET", .client, from: 1, for: 2,
            ["server.address": "api.example.com", "server.port": 8443, "http.response.status_code": 503],
            status: SpanStatus(code: .error))
        sketch.add(
            "a", 3, under: 1, "parse", from: 4, for: 1,
            status: SpanStatus(code: .error, message: "unexpected end\nof input"))
        #expect(
            text(sketch).treeText() == """
                GET /  a                                            10 ms  ✗
                ├─ GET  a → api.example.com:8443                     2 ms  ✗ 503
                └─ parse                                             1 ms  ✗ unexpected end␊of input

                """)
        let red = text(sketch, TraceTextStyle(colors: true)).treeText()
        #expect(red.contains("\u{1b}[31mparse\u{1b}[0m"))
    }

    @Test("a failed span without a message says its last exception, before its status code")
    func exceptions() {
        var sketch = TraceSketch()
        sketch.add(
            "a", 1, "GET /", .server, from: 0, for: 10, ["http.response.status_code": 500],
            status: SpanStatus(code: .error))
        sketch.groups[0].scopeSpans[0].spans[0].events = [
            ["exception.type": "Timeout", "exception.message": "first try"],
            ["exception.type": "ValueError", "exception.message": "no price"], [:],
        ].map { SpanEvent(timeUnixNano: 1, name: $0.isEmpty ? "note" : "exception", attributes: $0) }
        #expect(text(sketch).treeText().hasSuffix("  ✗ ValueError: no price\n"))
    }

    @Test("nothing that a name contains reaches the terminal as a command")
    func escapes() {
        var sketch = TraceSketch()
        sketch.add(
            "a\u{7f}", 1, "\u{1b}[2J\u{7}\u{9b}31m\u{202e}drop\r\n", .server, from: 0, for: 1,
            status: SpanStatus(code: .error, message: "\u{1b}]0;title\u{7}"))
        let drawn = text(sketch).whole()
        #expect(drawn.contains("␛[2J␇\\u{9b}31m\\u{202e}drop␍␊  a␡"))
        #expect(drawn.contains("✗ ␛]0;title␇"))
        let controls = drawn.unicodeScalars.filter {
            $0 != "\n" && [.control, .format].contains($0.properties.generalCategory)
        }
        #expect(controls.isEmpty)
    }

    @Test("lines fit the terminal; long names lose their middle", arguments: [40, 60, 80, 120, 200])
    func widths(columns: Int) {
        var sketch = TraceSketch.order
        let name = "SELECT " + String(repeating: "a_very_long_column, ", count: 20) + "FROM the_end"
        sketch.add("items", 20, under: 3, name, .client, from: 461, for: 1, ["db.system.name": "sqlite"])
        sketch.add("items", 21, under: 3, "漢字の名前", from: 463, for: 1)
        let drawn = text(sketch, TraceTextStyle(columns: columns)).treeText()
        let lines = drawn.split(separator: "\n")
        #expect(lines.allSatisfy { DisplayText(String($0)).width <= columns })
        #expect(Set(lines.map { DisplayText(String($0)).width }).count == 1, "durations stand in one column")
        #expect(lines.contains { $0.contains("…") && $0.contains("(sqlite)") } || columns < 60)
        #expect(lines.contains { $0.contains("SELECT") })
    }

    @Test("spans below the last level drawn say how many levels are left out")
    func deep() {
        var sketch = TraceSketch()
        sketch.add("a", 1, "root", from: 0, for: 100)
        for id in 2...60 { sketch.add("a", UInt64(id), under: UInt64(id - 1), "s\(id)", from: 0, for: 50) }
        let lines = text(sketch).treeText().split(separator: "\n")
        #expect(lines.count == 60)
        #expect(lines[32].hasPrefix(String(repeating: "   ", count: 31) + "└─ s33"))
        #expect(lines[59].hasPrefix("…27 " + String(repeating: "   ", count: 31) + "└─ s60"))
    }

    @Test("no spans, no text")
    func nothing() {
        #expect(TraceText(TraceTree([])).whole() == "")
    }

    @Test(
        "durations have three digits at most and the unit that keeps them short",
        arguments: [
            (0, "0 ns"), (999, "999 ns"), (1_000, "1 µs"), (1_500, "1.5 µs"), (999_499, "999 µs"),
            (999_500, "1 ms"), (9_995_000, "10 ms"), (30_400_000, "30.4 ms"), (99_960_000, "100 ms"),
            (512_000_000, "512 ms"), (999_500_000, "1 s"), (3_020_000_000, "3.02 s"),
            (59_949_999_999, "59.9 s"),
            (59_950_000_000, "1 min"), (125_000_000_000, "2 min 5 s"), (12_000_000_000_000, "3 h 20 min"),
            (UInt64.max, "213504 d"), (1_010_000, "1.01 ms"), (1_004_999, "1 ms"),
        ] as [(UInt64, String)])
    func durations(nanoseconds: UInt64, text: String) {
        #expect(DurationText(nanoseconds).description == text)
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing
import TraceAnalysis

@Suite("Trace as text: log lines")
struct TraceLogsTextTests {
    private func record(
        _ text: String, at milliseconds: Double, _ severity: LogSeverity = .info, span: UInt64?
    ) -> LogRecord {
        LogRecord(
            timeUnixNano: TraceSketch.time(milliseconds), severity: severity, body: .string(text),
            traceID: TraceSketch.traceID, spanID: span.map { SpanID(value: $0) })
    }

    private func text(_ records: [LogRecord], all: Bool = false, columns: Int? = nil) -> TraceText {
        let logs = TraceLogs(
            [
                ResourceLogs(
                    resource: Resource(),
                    scopeLogs: [ScopeLogs(scope: InstrumentationScope(name: "l"), logRecords: records)])
            ],
            text: { if case .string(let text) = $0.body { text } else { "" } })
        var sketch = TraceSketch()
        sketch.add("a", 1, "GET /", .server, from: 0, for: 10)
        sketch.add("a", 2, under: 1, "read", from: 1, for: 2)
        sketch.add("a", 3, under: 1, "write", from: 4, for: 2)
        return TraceText(
            TraceTree(sketch.groups), style: TraceTextStyle(columns: columns), logs: logs,
            logLinesMax: all ? nil : TraceText.logLinesPerSpan)
    }

    @Test("lines stand under their span with time since the beginning, severity and text")
    func underTheirSpan() {
        let text = text([
            record("slow disk", at: 2, .warn, span: 2), record("begun", at: 0.5, span: 1),
            record("written", at: 5.25, .init(rawValue: 0), span: 3),
        ])
        #expect(
            text.treeText() == """
                GET /  a                                            10 ms
                │  +500 µs  INFO  begun
                ├─ read                                              2 ms
                │     +2 ms  WARN  slow disk
                └─ write                                             2 ms
                      +5.25 ms  -  written

                """)
        #expect(text.otherLogsText() == "")
    }

    @Test("of many lines the gravest are drawn, and the rest is counted; all when they are asked for")
    func bounded() {
        let records = (0..<6).map { record("line \($0)", at: Double($0), $0 == 4 ? .error : .info, span: 3) }
        let few = text(records).treeText()
        #expect(few.contains("line 0") && few.contains("line 1") && few.contains("line 4"))
        #expect(!few.contains("line 2") && !few.contains("line 3") && !few.contains("line 5"))
        #expect(few.contains("… 3 more (--logs shows all)"))
        let every = text(records, all: true).treeText()
        #expect((0..<6).allSatisfy { every.contains("line \($0)") })
        #expect(!every.contains("more"))
    }

    @Test("lines of no span, and of spans that are not here, stand behind the tree")
    func outside() {
        let text = text([record("nowhere", at: 3, span: nil), record("lost", at: -1, span: 9)])
        #expect(!text.treeText().contains("nowhere"))
        #expect(
            text.otherLogsText() == """
                log lines of no span here
                  -1 ms  INFO  lost
                  +3 ms  INFO  nowhere

                """)
        #expect(text.whole().contains("lost"))
    }

    @Test("nothing in a text moves the cursor, and long ones lose their end on a terminal")
    func harmless() {
        let long = "\u{1b}[31mred\n" + String(repeating: "x", count: 300)
        let drawn = text([record(long, at: 1, span: 2)], columns: 60).treeText()
        #expect(drawn.contains("␛[31mred␊xxx"))
        #expect(drawn.split(separator: "\n").allSatisfy { $0.count <= 60 })
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

@testable import Contrail

@Suite("The console exporter", .timeLimit(.minutes(1)))
struct ConsoleSpanExporterTests {
    private let written = WrittenText()

    private func exporter(
        isTerminal: Bool = false, noColor: String? = nil, terminal: String? = nil,
        limits: WaitingSpans.Limits = .init(), time: RetryEnvironment = .system
    ) -> ConsoleSpanExporter {
        let written = written
        return ConsoleSpanExporter(
            sink: LogSink(isTerminal: isTerminal) { written.append($0) }, noColor: noColor,
            terminal: terminal,
            limits: limits, time: time)
    }

    @Test("it keeps the contract of exporters")
    func contract() async throws {
        try await SpanExporterContract.check { ConsoleSpanExporter(sink: LogSink { _ in }) }
    }

    @Test("a trace is drawn as a tree, once, when its root has ended")
    func tree() async {
        let clock = ManualClock()
        let provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "shop"]), idGenerator: FixedIDs(), clock: clock,
            processors: [SimpleSpanProcessor(exporter: exporter())])
        let tracer = provider.tracer(TelemetryScope("shop"))
        tracer.withSpan("POST /items", kind: .server, attributes: ["http.response.status_code": 201]) { _ in
            clock.advance(by: .milliseconds(5))
            tracer.withSpan("validate") { _ in clock.advance(by: .microseconds(1_200)) }
            #expect(written.text == "")
            tracer.withSpan("INSERT items", kind: .client) { span in
                clock.advance(by: .milliseconds(10))
                span.addEvent("retried", ["attempt": 2])
                span.setStatus(.error, "database is locked")
            }
            clock.advance(by: .microseconds(3_800))
        }
        let expected = """
            00000000000000000000000000000001  shop  20.0 ms
            POST /items  server      20.0 ms  ████████████████████  http.response.status_code=201
            ├─ validate              1.20 ms       █
            └─ INSERT items  client  10.0 ms        ██████████      ✗ database is locked
                 · retried +10.0 ms  attempt=2

            """
        #expect(written.text == expected, "\n\(written.text)")
        _ = await provider.shutdown()
        #expect(written.text == expected)
    }

    @Test("the span under a remote parent is the root of its process")
    func remoteParent() {
        let root = SpanData.drawn(2, under: 9, "GET /quote", 0..<10, flags: 0x301)
        _ = exporter().exportNow(.of([.drawn(3, under: 2, "look up", 1..<2)]))
        let exporter = exporter()
        _ = exporter.exportNow(.of([.drawn(3, under: 2, "look up", 1..<2), root]))
        #expect(written.lines.map { $0.prefix(13) } == ["0000000000000", "GET /quote  1", "└─ look up  1"])
    }

    @Test("colours are for terminals, unless NO_COLOR or a dumb terminal forbids them")
    func colours() {
        let failed = SpanBatch.of([.drawn(1, "a", 0..<1, status: SpanStatus(code: .error, message: "no"))])
        _ = exporter(isTerminal: true).exportNow(failed)
        #expect(written.text.contains("\u{1b}[31m"))
        for plain in [
            exporter(), exporter(isTerminal: true, noColor: "1"),
            exporter(isTerminal: true, terminal: "dumb"),
        ] {
            written.clear()
            _ = plain.exportNow(failed)
            #expect(written.text.contains("✗ no"))
            #expect(!written.text.contains("\u{1b}"))
        }
        written.clear()
        _ = exporter(isTerminal: true, noColor: "").exportNow(failed)
        #expect(written.text.contains("\u{1b}"))
    }

    @Test("spans whose root does not end are drawn when they have waited long enough")
    func waits() async throws {
        let clock = ManualClock()
        let exporter = exporter(
            time: RetryEnvironment(
                now: { .nanoseconds(Int64(clock.monotonicNano)) }, sleep: { try await clock.sleep(for: $0) },
                random: { 0 }))
        _ = exporter.exportNow(.of([.drawn(2, under: 1, "orphan", 0..<1)]))
        #expect(written.text == "")
        for _ in 0..<60 {
            while clock.sleeperCount == 0 { await Task.yield() }
            clock.advance(by: .seconds(1))
        }
        while written.text.isEmpty { await Task.yield() }
        #expect(written.lines.first?.contains("without their root") == true)
        #expect(written.lines.last?.hasPrefix("orphan") == true)
    }

    @Test("a flush and a shutdown draw what waits, and nothing twice")
    func flushes() async {
        let exporter = exporter()
        _ = exporter.exportNow(.of([.drawn(2, under: 1, "first", 0..<1)]))
        await exporter.forceFlush()
        #expect(written.text.contains("first"))
        _ = exporter.exportNow(.of([.drawn(3, under: 1, "second", 0..<1)]))
        await exporter.forceFlush()
        written.clear()
        _ = exporter.exportNow(.of([.drawn(4, under: 1, "third", 0..<1)]))
        await exporter.shutdown()
        #expect(written.lines.count == 2)
        #expect(written.text.contains("third"))
    }

    @Test("a name or a value can neither forge a line nor move the cursor, and secrets are left out")
    func escapes() {
        let span = SpanData.drawn(
            1, "a\nb\u{1b}[2J", 0..<1, attributes: ["key": "c\r\nd", "authorization": "Bearer abc"])
        _ = exporter().exportNow(.of([span]))
        #expect(written.lines.count == 2)
        #expect(!written.text.contains("\u{1b}"))
        #expect(!written.text.contains("\r"))
        #expect(!written.text.contains("Bearer"))
        #expect(written.text.contains("[redacted]"))
    }
}

/// What was written to a sink.
private final class WrittenText: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
    var lines: [Substring] { text.split(separator: "\n").map { $0 } }

    func append(_ more: [UInt8]) { bytes.withLock { $0 += more } }
    func clear() { bytes.withLock { $0 = [] } }
}

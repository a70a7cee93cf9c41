// SPDX-License-Identifier: Apache-2.0

import Contrail
import Foundation
import Logging
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import Testing

private let span = SpanContext(
    traceID: TraceID(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c),
    spanID: SpanID(value: 0xb7ad_6b71_6920_3331), traceFlags: .sampled)

private func inSpan<Result>(_ body: () throws -> Result) rethrows -> Result {
    var context = ServiceContext.topLevel
    context.spanContext = span
    return try ServiceContext.withValue(context, operation: body)
}

private let noon = LogTime(seconds: 1_795_348_800, microseconds: 1_234)

@Suite("Log handlers")
struct LogHandlerTests {
    private let bytes = CapturedBytes()

    private func jsonLogger(_ provider: Logger.MetadataProvider? = nil) -> Logger {
        let bytes = bytes
        return Logger(label: "items") { label in
            JSONLogHandler(
                label: label, sink: LogSink { bytes.append($0) }, metadataProvider: provider, now: { noon })
        }
    }

    private func terminalLogger(
        isTerminal: Bool = true, noColor: String? = nil, terminal: String? = "xterm"
    ) -> Logger {
        let bytes = bytes
        return Logger(label: "items") { label in
            TerminalLogHandler(
                label: label, sink: LogSink(isTerminal: isTerminal) { bytes.append($0) }, noColor: noColor,
                terminal: terminal, now: { noon })
        }
    }

    private func object() throws -> [String: Any] {
        let line = try #require(bytes.writes.first)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test("a JSON line has time, level, label, message and source, and ends with one line break")
    func jsonLine() {
        jsonLogger().info("created \"it\"\n", source: "Items")
        #expect(
            bytes.writes == [
                """
                {"timestamp":"2026-11-22T12:00:00.001234Z","level":"info","label":"items",\
                "message":"created \\"it\\"\\n","source":"Items"}\n
                """
            ])
    }

    @Test(
        "a line of any length is whole, wherever something in it has to be escaped",
        arguments: [0, 500, 1_100])
    func longLine(padding: Int) throws {
        for place in [0, 1, 100, 1_000, 5_000] {
            let message =
                String(repeating: "x", count: place) + "\u{1}\"\\\u{7f}é"
                + String(repeating: "y", count: padding)
            jsonLogger().info("\(message)", metadata: ["n": "\(message)"], source: "Items")
            let line = try #require(bytes.writes.last)
            let object = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            #expect(object["message"] as? String == message)
            #expect((object["metadata"] as? [String: Any])?["n"] as? String == message)
        }
    }

    @Test("inside a span a JSON line has its ids as top fields, once, also when a provider says them too")
    func jsonSpan() throws {
        inSpan { jsonLogger(.contrail).info("x", metadata: ["n": "1"], source: "Items") }
        let object = try object()
        #expect(object["trace_id"] as? String == "0af7651916cd43dd8448eb211c80319c")
        #expect(object["span_id"] as? String == "b7ad6b7169203331")
        #expect(object["trace_flags"] as? String == "01")
        #expect((object["metadata"] as? [String: Any])?.keys.sorted() == ["n"])
    }

    @Test("metadata keeps its types")
    func jsonTypes() throws {
        jsonLogger().info(
            "x",
            metadata: [
                "string": "7", "int": .stringConvertible(7), "negative": .stringConvertible(Int8(-7)),
                "double": .stringConvertible(0.5), "nan": .stringConvertible(Double.nan),
                "bool": .stringConvertible(true), "list": ["a", .stringConvertible(2)],
                "map": ["k": ["deep": "v"]], "é\u{1}": "\u{7f}\u{1f}\\",
            ], source: "Items")
        #expect(
            bytes.writes.first?.contains(
                """
                "metadata":{"bool":true,"double":0.5,"int":7,"list":["a",2],"map":{"k":{"deep":"v"}},"nan":"nan",\
                "negative":-7,"string":"7","é\\u0001":"\\u007f\\u001f\\\\"}
                """) == true)
        _ = try object()
    }

    @Test("metadata of handler, provider and line: the later wins")
    func merging() throws {
        var logger = jsonLogger(Logger.MetadataProvider { ["b": "provider", "c": "provider"] })
        logger[metadataKey: "a"] = "handler"
        logger[metadataKey: "b"] = "handler"
        logger.info("x", metadata: ["c": "line"])
        #expect(
            try object()["metadata"] as? [String: String] == ["a": "handler", "b": "provider", "c": "line"])
    }

    @Test("an error is written with its type")
    func error() throws {
        struct Failure: Error {}
        jsonLogger().error("failed", error: Failure())
        #expect(try object()["error"] as? [String: String] == ["type": "Failure", "message": "Failure()"])
    }

    @Test(
        "secrets are not written, by no handler and at no depth",
        arguments: [
            "authorization", "Authorization", "proxy-authorization", "http.request.header.cookie",
            "Set-Cookie",
            "password", "DB_PASSWORD", "api-key", "x-api-key", "apiKey", "accessToken", "refresh.token",
            "client_secret", "credentials",
        ])
    func secrets(key: String) {
        let metadata: Logger.Metadata = [
            key: "s3cret", "deep": ["list": [[key: "s3cret"]]], "harmless": "shown",
        ]
        jsonLogger().info("x", metadata: metadata)
        terminalLogger().info("x", metadata: metadata)
        #expect(bytes.writes.count == 2)
        for line in bytes.writes {
            #expect(!line.contains("s3cret"))
            #expect(line.contains("[redacted]"))
            #expect(line.contains("shown"))
        }
    }

    @Test(
        "what only looks like a secret is written",
        arguments: ["tokens", "author", "cookies.count", "key", ""])
    func harmless(key: String) {
        jsonLogger().info("x", metadata: [key: "shown"])
        #expect(bytes.writes.first?.contains("shown") == true)
    }

    @Test("a terminal line is coloured on a terminal")
    func coloured() {
        inSpan { terminalLogger().warning("low stock", metadata: ["left": "2", "why": "a \"b\""]) }
        #expect(
            bytes.writes == [
                "\u{1b}[2m12:00:00.001\u{1b}[0m \u{1b}[33mWARN \u{1b}[0m \u{1b}[36mitems\u{1b}[0m  low stock"
                    + "  \u{1b}[2mleft=\u{1b}[0m2  \u{1b}[2mwhy=\u{1b}[0m\"a \\\"b\\\"\""
                    + "  \u{1b}[2mtrace_id=\u{1b}[0m0af7651916cd43dd8448eb211c80319c\n"
            ])
    }

    @Test(
        "no colour when nobody asked for it",
        arguments: [(false, nil, "xterm"), (true, "1", "xterm"), (true, nil, "dumb")]
            as [(Bool, String?, String?)])
    func plain(isTerminal: Bool, noColor: String?, terminal: String?) {
        terminalLogger(isTerminal: isTerminal, noColor: noColor, terminal: terminal).info("hello")
        #expect(bytes.writes == ["12:00:00.001 INFO  items  hello\n"])
    }

    @Test("an empty NO_COLOR is none")
    func emptyNoColor() {
        terminalLogger(noColor: "").info("hello")
        #expect(bytes.writes.first?.contains("\u{1b}[") == true)
    }

    @Test("data can neither move the cursor nor forge a line")
    func forged() {
        terminalLogger(isTerminal: false).info(
            "a\u{1b}[2Jb\nFAKE\r\u{9b}", metadata: ["k\n": "v\u{1b}", "order": "\u{202e}x"])
        #expect(
            bytes.writes == [
                "12:00:00.001 INFO  items  a\\u{1b}[2Jb\\nFAKE\\r\\u{9b}  k\\n=\"v\\u{1b}\"  order=\\u{202e}x\n"
            ])
    }

    @Test(
        "time is RFC 3339, leap days and all",
        arguments: [
            (0, "1970-01-01T00:00:00.000007Z"), (951_782_400, "2000-02-29T00:00:00.000007Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000007Z"), (4_107_542_400, "2100-03-01T00:00:00.000007Z"),
            (-1, "1969-12-31T23:59:59.000007Z"),
        ])
    func time(seconds: Int, text: String) throws {
        let bytes = bytes
        let handler = JSONLogHandler(label: "x", sink: LogSink { bytes.append($0) }) {
            LogTime(seconds: seconds, microseconds: 7)
        }
        Logger(label: "x") { _ in handler }.info("x")
        #expect(try object()["timestamp"] as? String == text)
    }

    @Test("the provider gives the ids of the current span, and nothing outside of one")
    func provider() {
        #expect(Logger.MetadataProvider.contrail.get() == [:])
        for _ in 0..<2 {
            let metadata = inSpan { Logger.MetadataProvider.contrail.get() }
            #expect(
                metadata == [
                    "trace_id": "0af7651916cd43dd8448eb211c80319c", "span_id": "b7ad6b7169203331",
                ])
        }
    }

    @Test("the provider tells spans apart that share a slot of its cache")
    func providerSlots() {
        for value in (0..<300).map({ UInt64($0) * 64 + 7 }) {
            var context = ServiceContext.topLevel
            context.spanContext = SpanContext(traceID: span.traceID, spanID: SpanID(value: value))
            let metadata = ServiceContext.withValue(context) { Logger.MetadataProvider.contrail.get() }
            #expect(metadata["span_id"] == .string(SpanID(value: value).hex))
        }
    }

    @Test("handlers and loggers keep level and metadata of their own")
    func values() {
        let first = jsonLogger()
        var second = first
        second.logLevel = .error
        second[metadataKey: "only"] = "second"
        #expect(first.logLevel == .info)
        #expect(first[metadataKey: "only"] == nil)
        second.info("not written")
        #expect(bytes.writes.isEmpty)
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendHTTPAPI
internal import Foundation
internal import TelemetryModel
internal import TelemetryStorage
internal import TraceAnalysis

/// `contrail logs`: search.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Search for log lines, latest last.",
        discussion: """
            All conditions must hold. The latest lines are found and printed in the order in which they were \
            written, the last one at the bottom. On a terminal, errors are red and warnings yellow (NO_COLOR=1 \
            turns colours off). The last column is the trace: 'contrail show' draws it.

            EXAMPLES
              contrail logs                                   the latest 50
              contrail logs --severity error --since 1h       what failed in the last hour
              contrail logs --service items --text "timed out"
              contrail logs --trace 4bf92f3577b34da6a3ce929d0e0e4736
              contrail logs --attribute user.id=42 --json | jq -r .text
              contrail show "$(contrail logs --severity error --limit 1 --json | jq -r .traceId)"
            """)

    @OptionGroup var server: ServerOption

    @Option(help: ArgumentHelp("Name of the service.", valueName: "name"))
    var service: String?

    @Option(
        help: ArgumentHelp(
            "At least as grave: trace, debug, info, warn, error or fatal.", valueName: "severity"),
        transform: Self.severity)
    var severity: String?

    @Option(help: ArgumentHelp("Stands anywhere in the text, in either case.", valueName: "text"))
    var text: String?

    @Option(
        help: ArgumentHelp("Written in this trace; 32 hexadecimal digits.", valueName: "id"),
        transform: Self.traceID)
    var trace: String?

    @Option(
        help: ArgumentHelp("Written in this span; 16 hexadecimal digits.", valueName: "id"),
        transform: Self.spanID)
    var span: String?

    @Option(
        help: ArgumentHelp("Written at most this long ago.", valueName: "duration"), transform: Self.duration)
    var since: String?

    @Option(
        help: ArgumentHelp(
            """
            The line or its resource has this attribute, or a number of it that is greater or less: 'k>3', \
            'k>=3', 'k<3', 'k<=3'. With log:, resource: or scope: before the key it is asked for there alone. \
            May be given several times.
            """, valueName: "k=v"),
        transform: Self.attribute)
    var attribute: [String] = []

    @Option(help: ArgumentHelp("Most lines to print.", valueName: "count"))
    var limit = 50

    @Flag(
        help: """
            One JSON object per line, latest first: timeUnixNano (as a string), service, severity, text, \
            traceId, spanId, and as OTLP/JSON resource, scope and record.
            """)
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is \(limit); it must be at least 1.") }
    }

    private static func severity(_ text: String) throws -> String {
        guard LogSeverity(name: text) != nil else {
            throw ValidationError(
                "'\(text)' is not a severity; write trace, debug, info, warn, error or fatal.")
        }
        return text
    }

    private static func traceID(_ text: String) throws -> String {
        guard TraceID(hex: text)?.isValid == true else {
            throw ValidationError("'\(text)' is not a trace id; it has 32 hexadecimal digits, not all zero.")
        }
        return text
    }

    private static func spanID(_ text: String) throws -> String {
        guard SpanID(hex: text)?.isValid == true else {
            throw ValidationError("'\(text)' is not a span id; it has 16 hexadecimal digits, not all zero.")
        }
        return text
    }

    private static func duration(_ text: String) throws -> String {
        do {
            _ = try ParameterSyntax.duration(text)
        } catch {
            throw ValidationError("'\(text)' \(error).")
        }
        return text
    }

    private static func attribute(_ text: String) throws -> String {
        do {
            _ = try ParameterSyntax.attribute(text, scopes: AttributeScope.ofLogs)
        } catch {
            throw ValidationError("'\(text)' \(error).")
        }
        return text
    }

    /// The question, with `since` counted once for all pages from `now`, nanoseconds since 1970.
    func query(now: UInt64) -> [(String, String)] {
        let start = since.flatMap { try? ParameterSyntax.duration($0) }.map { duration in
            // Numbers of fewer digits are refused as times, see `ParameterSyntax`; nothing is older than all.
            now > duration && now - duration >= ParameterSyntax.nanosecondsMin ? now - duration : 0
        }
        let single: [(String, String?)] = [
            ("service", service), ("severity", severity), ("text", text), ("traceId", trace),
            ("spanId", span), ("start", start.map { String($0) }),
        ]
        return single.compactMap { name, value in value.map { (name, $0) } }
            + attribute.map { ("attribute", $0) }
    }

    func run() async throws {
        let client = QueryClient(base: try server.base())
        let conditions = query(now: WallClock.now())
        var found: [LogListing] = []
        var count = 0
        var cursor: String?
        repeat {
            // The API gives 1,000 at most at a time.
            var query = conditions + [("limit", String(min(limit - count, 1_000)))]
            if let cursor { query.append(("cursor", cursor)) }
            let body = try await client.get("/api/v1/logs", query: query)
            guard let page = LogListing.Page(json: body) else { throw client.stranger }
            if json {
                for line in page.lines { try Terminal.writeJSON(line + [0x0a]) }
            } else {
                found += page.logs
            }
            count += page.logs.count
            // A page may be empty though there are more: what is damaged is left out.
            cursor = page.nextCursor == cursor ? nil : page.nextCursor
        } while cursor != nil && count < limit
        guard !json else { return }
        if found.isEmpty { return Terminal.remark("No log line matches.") }
        try Terminal.write(LogLines(found.reversed(), style: Terminal.style(), now: Date()).text())
        if cursor != nil { Terminal.remark("More lines match: --limit \(limit * 5) shows more of them.") }
    }
}

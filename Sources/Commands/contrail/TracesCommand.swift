// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendHTTPAPI
internal import Foundation

/// `contrail traces`: search.
struct TracesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "traces",
        abstract: "Search for traces, newest first.",
        discussion: """
            All conditions must hold for one single span of a trace. Durations are numbers with units: 250us, \
            500ms, 1.5s, 2m, 1h30m.

            EXAMPLES
              contrail traces                             the newest 20
              contrail traces --error --since 1h          what failed in the last hour
              contrail traces --service items --min-duration 500ms
              contrail traces --attribute http.response.status_code=500
              contrail traces --json | jq -r 'select(.spanCount > 50) | .traceId'
              contrail show "$(contrail traces --json --limit 1 | jq -r .traceId)"
            """)

    @OptionGroup var server: ServerOption

    @Option(help: ArgumentHelp("Name of the service.", valueName: "name"))
    var service: String?

    @Option(help: ArgumentHelp("Name of the span.", valueName: "name"))
    var operation: String?

    @Option(
        help: ArgumentHelp("The span lasts at least this.", valueName: "duration"), transform: Self.duration)
    var minDuration: String?

    @Option(
        help: ArgumentHelp("The span lasts at most this.", valueName: "duration"), transform: Self.duration)
    var maxDuration: String?

    @Option(
        help: ArgumentHelp("The span started at most this long ago.", valueName: "duration"),
        transform: Self.duration)
    var since: String?

    @Flag(help: "The span failed.")
    var error = false

    @Option(
        help: ArgumentHelp(
            "The span or its resource has this attribute. May be given several times.", valueName: "k=v"),
        transform: Self.attribute)
    var attribute: [String] = []

    @Option(help: ArgumentHelp("Most traces to list.", valueName: "count"))
    var limit = 20

    @Flag(
        help: """
            One JSON object per line: traceId, rootService, rootOperation, startTimeUnixNano and \
            durationNano (as strings), spanCount, errorCount, services (names).
            """)
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit is \(limit); it must be at least 1.") }
        // Both have been read once: they are durations.
        if let least = minDuration, let most = maxDuration,
            let leastNano = try? ParameterSyntax.duration(least),
            let mostNano = try? ParameterSyntax.duration(most), mostNano < leastNano
        {
            throw ValidationError(
                "--max-duration \(most) is less than --min-duration \(least), so nothing can match.")
        }
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
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw ValidationError("'\(text)' is not key=value, for example http.route=/items.")
        }
        return text
    }

    /// The question, with `since` counted from `now`, nanoseconds since 1970: once for all pages, so that
    /// none of them begins later than the one before.
    func query(now: UInt64) -> [(String, String)] {
        let start = since.flatMap { try? ParameterSyntax.duration($0) }.map { duration in
            // Numbers of fewer digits are refused as times, see `ParameterSyntax`; nothing is older than all.
            now > duration && now - duration >= ParameterSyntax.nanosecondsMin ? now - duration : 0
        }
        let single: [(String, String?)] = [
            ("service", service), ("operation", operation), ("minDuration", minDuration),
            ("maxDuration", maxDuration), ("start", start.map { String($0) }),
            ("status", error ? "error" : nil),
        ]
        return single.compactMap { name, value in value.map { (name, $0) } }
            + attribute.map { ("attribute", $0) }
    }

    func run() async throws {
        let client = QueryClient(base: try server.base())
        let conditions = query(now: WallClock.now())
        var found: [TraceListing] = []
        var cursor: String?
        repeat {
            // The API gives 1,000 at most at a time.
            var query = conditions + [("limit", String(min(limit - found.count, 1_000)))]
            if let cursor { query.append(("cursor", cursor)) }
            let page = try await client.get(TraceListing.Page.self, "/api/v1/traces", query: query)
            if json {
                try Terminal.write(page.traces.map { $0.json.text + "\n" }.joined())
            }
            found += page.traces
            cursor = page.traces.isEmpty ? nil : page.nextCursor
        } while cursor != nil && found.count < limit
        guard !json else { return }
        if found.isEmpty { return Terminal.remark("No trace matches.") }
        try Terminal.write(TracesTable(found, style: Terminal.style(), now: Date()).text())
        if cursor != nil { Terminal.remark("More traces match: --limit \(limit * 5) shows more of them.") }
    }
}

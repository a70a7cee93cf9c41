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
              contrail traces --attribute 'messaging.batch.message_count>=100'
              contrail traces --attribute event:exception.type=TimeoutError
              contrail traces --json | jq -r 'select(.spanCount > 50) | .traceId'
              contrail show "$(contrail traces --json --limit 1 | jq -r .traceId)"
            """)

    @OptionGroup var server: ServerOption

    @OptionGroup var search: SearchOptions

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
    }

    /// See ``SearchOptions/query(now:)``.
    func query(now: UInt64) -> [(String, String)] { search.query(now: now) }

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

// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendHTTPAPI
internal import NIOHTTP1
internal import OTLPWire
internal import TelemetryStorage

/// `contrail export`: traces of a running server into a file.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write traces of a running contrail to a file, whole, as OTLP.",
        discussion: """
            Traces in which one single span meets all conditions, newest first; without conditions, all. Each \
            trace is one message TracesData: a line of OTLP/JSON, or protobuf with its length (a varint) before \
            it. "contrail import" reads both; OpenTelemetry Collectors read the lines (otlpjsonfile).

            EXAMPLES
              contrail export -o traces.jsonl
              contrail export --service items --error --since 1d -o failed.jsonl.zst
              contrail export --limit 100 | jq -r '.resourceSpans[].scopeSpans[].spans[].name'
            """)

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case jsonl, protobuf
    }

    @OptionGroup var server: ServerOption
    @OptionGroup var search: SearchOptions

    @Option(help: ArgumentHelp("Most traces to write. (default: all that match)", valueName: "count"))
    var limit: Int?

    @Option(help: ArgumentHelp("jsonl or protobuf.", valueName: "format"))
    var format = Format.jsonl

    @Option(
        help: ArgumentHelp(
            "none, gzip or zstd. (default: what the file's name ends with, .gz or .zst; else none)",
            valueName: "method"))
    var compression: Compression?

    @Flag(help: "The same as --compression gzip.")
    var gzip = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "File to write; it has its name when it is whole. (default: standard output)", valueName: "file"))
    var output: String?

    func validate() throws {
        if gzip, let compression, compression != .gzip {
            throw ValidationError(
                "--gzip stands beside --compression \(compression.rawValue); give one of them.")
        }
        if let limit, limit < 1 { throw ValidationError("--limit is \(limit); it must be at least 1.") }
    }

    /// Traces whose names are asked for at once.
    private static let pageTraces = 1_000

    func run() async throws {
        let client = QueryClient(base: try server.base())
        var sink = try ExportOutput(
            path: output, compression: gzip ? .gzip : compression ?? Compression(ofPath: output))
        var counts = (traces: 0, spans: 0)
        do {
            try await write(from: client, to: &sink, &counts)
            try sink.finish()
        } catch {
            sink.discard()
            throw error
        }
        Terminal.remark(
            "Exported \(TransferProgress.counted(counts.traces, "trace")) with "
                + "\(TransferProgress.counted(counts.spans, "span"))\(output.map { " to \($0)" } ?? "").")
    }

    private func write(
        from client: QueryClient, to sink: inout ExportOutput, _ counts: inout (traces: Int, spans: Int)
    ) async throws {
        let conditions = search.query(now: WallClock.now())
        var progress = TransferProgress()
        defer { progress.end() }
        var cursor: String?
        repeat {
            let room = min(limit.map { $0 - counts.traces } ?? Self.pageTraces, Self.pageTraces)
            var query = conditions + [("limit", String(room))]
            if let cursor { query.append(("cursor", cursor)) }
            let page = try await client.get(TraceListing.Page.self, "/api/v1/traces", query: query)
            for listing in page.traces {
                guard let spans = try await write(listing.traceId, from: client, to: &sink) else { continue }
                counts.traces += 1
                counts.spans += spans
                let so = counts
                progress.show(
                    TransferProgress.counted(so.traces, "trace") + ", "
                        + TransferProgress.counted(so.spans, "span"))
            }
            cursor = page.traces.isEmpty ? nil : page.nextCursor
        } while cursor != nil && counts.traces < limit ?? .max
    }

    /// Writes the trace, a very large one as several messages; how many spans it has, nil when it was deleted since it
    /// was found.
    private func write(
        _ id: String, from client: QueryClient, to sink: inout ExportOutput
    ) async throws -> Int? {
        var offset = 0
        var first: Int?
        while true {
            let path = "/api/v1/traces/\(QueryClient.encode(id))"
            do {
                let (body, headers) = try await client.answer(
                    path, query: offset == 0 ? [] : [("offset", String(offset))])
                let count = headers.first(name: "contrail-span-count").flatMap { Int($0) } ?? 0
                if let first, count < first { Self.remark(onDeletedOf: id) }
                first = first ?? count
                try sink.write(message(body, from: client))
                guard let next = headers.first(name: "contrail-next-offset").flatMap({ Int($0) }),
                    next > offset
                else { return max(first ?? 0, count) }
                offset = next
            } catch let error as CommandFailure {
                guard error.code == "unknown_trace" else { throw error }
                guard let first else { return nil }
                Self.remark(onDeletedOf: id)
                return first
            }
        }
    }

    private static func remark(onDeletedOf id: String) {
        Terminal.remark(
            "Spans of trace \(id) were deleted while it was exported: what is written is not all of it.")
    }

    /// Of an answer, in the format that was asked for.
    private func message(_ body: [UInt8], from client: QueryClient) throws(CommandFailure) -> [UInt8] {
        switch format {
        case .jsonl: return body + [0x0a]
        case .protobuf:
            var limits = WireLimits()
            limits.messageBytes = QueryClient.answerBytesMax
            limits.decodedBytes = .max
            guard let trace = try? OTLPJSON.decode(ExportTraceServiceRequest.self, from: body, limits: limits)
            else { throw client.stranger }
            let message = OTLPProtobuf.encode(trace)
            return Self.varint(message.count) + message
        }
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(truncatingIfNeeded: rest)]
    }
}

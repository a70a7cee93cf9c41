// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import NIOHTTP1
internal import OTLPWire
internal import TelemetryModel
internal import TelemetryStorage
internal import TraceAnalysis

/// `contrail show`: one trace as a tree, and where its time went.
struct ShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Draw the call tree of one trace with its log lines, and tell where its time went.",
        discussion: """
            Spans whose parents are missing, several roots, circles and clocks that differ are drawn too, and \
            told below the tree in lines that begin with "!". On a terminal, failed spans are red (NO_COLOR=1 \
            turns colours off) and long names lose their middle.

            Log lines stand under the span in which they were written: the time since the trace began, the \
            severity and the text; of each span the \(TraceText.logLinesPerSpan) gravest, or all with --logs.

            EXAMPLES
              contrail show 4bf92f3577b34da6a3ce929d0e0e4736
              contrail show 4bf92f3577b34da6a3ce929d0e0e4736 --logs
              contrail show 4bf92f3577b34da6a3ce929d0e0e4736 --json > trace.json
            """)

    @OptionGroup var server: ServerOption

    @Flag(help: "The trace as OTLP/JSON, as it is stored.")
    var json = false

    @Flag(help: "Every log line of every span.")
    var logs = false

    @Argument(help: "32 hexadecimal digits.", transform: Self.traceID)
    var traceID: TraceID

    private static func traceID(_ text: String) throws -> TraceID {
        guard let id = TraceID(hex: text), id.isValid else {
            throw ValidationError("'\(text)' is not a trace id; it has 32 hexadecimal digits, not all zero.")
        }
        return id
    }

    func run() async throws {
        let client = QueryClient(base: try server.base())
        let (body, headers) = try await client.answer("/api/v1/traces/\(traceID)")
        defer { Self.remarkOnRest(headers) }
        if json { return try Terminal.writeJSON(body + [0x0a]) }
        var limits = WireLimits()
        limits.messageBytes = QueryClient.answerBytesMax
        limits.decodedBytes = .max
        guard let trace = try? OTLPJSON.decode(ExportTraceServiceRequest.self, from: body, limits: limits)
        else {
            throw client.stranger
        }
        let text = TraceText(
            TraceTree(trace.resourceSpans), style: Terminal.style(),
            logs: TraceLogs(await logLines(client, limits), text: LogWords.of),
            logLinesMax: logs ? nil : TraceText.logLinesPerSpan)
        try Terminal.write(text.whole())
    }

    /// Says when the trace is larger than what one answer has.
    private static func remarkOnRest(_ headers: HTTPHeaders) {
        guard let count = headers.first(name: "contrail-span-count").flatMap({ Int($0) }),
            let end = headers.first(name: "contrail-next-offset").flatMap({ Int($0) })
        else { return }
        let shown = TransferProgress.grouped(end)
        Terminal.remark(
            "These are the first \(shown) of \(TransferProgress.grouped(count)) spans, by when they came. "
                + "'contrail export' writes all of them.")
    }

    /// None, and a remark, when they cannot be had: the tree is worth showing without them.
    private func logLines(_ client: QueryClient, _ limits: WireLimits) async -> [ResourceLogs] {
        do throws(CommandFailure) {
            let (bytes, headers) = try await client.answer("/api/v1/traces/\(traceID)/logs")
            if headers.first(name: "contrail-complete") == "false" {
                let shown = TransferProgress.grouped(TraceLogExcerpt.recordsMax)
                Terminal.remark("Of the log lines the latest \(shown) are shown.")
            }
            guard let found = try? OTLPJSON.decode(ExportLogsServiceRequest.self, from: bytes, limits: limits)
            else { throw client.stranger }
            return found.resourceLogs
        } catch {
            Terminal.remark("The log lines are missing: \(error)")
            return []
        }
    }
}

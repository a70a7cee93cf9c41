// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import NIOCore
internal import OTLPReceiver
internal import OTLPWire
internal import TelemetryModel

#if canImport(CoreFoundation)
    // The members of `stat` are of this module or of libc's, whichever the compiler met first.
    internal import CoreFoundation
#endif

/// `contrail import`: files with spans into a running server.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Read traces from files and send them to a running contrail.",
        discussion: """
            What a file has is told from its content: OTLP/JSON, one object a line or otherwise ("contrail \
            export", "contrail show --json", OpenTelemetry's file exporters); a message of OTLP in protobuf, or \
            several with their lengths before them (a varint, or the Collector's four bytes); each also in \
            gzip or zstd. Messages with logs or metrics are left out and counted.

            They go over OTLP/HTTP, so that any receiver of OTLP may be at the other end; it may ask to wait. \
            Importing the same file twice does no harm: contrail keeps a span once.

            EXAMPLES
              contrail import traces.jsonl
              contrail import yesterday.jsonl.gz today.jsonl.zst
              contrail export --since 1h --url http://other:16686 | contrail import -
            """)

    static let defaultText = "http://127.0.0.1:4318"

    @Option(
        help: ArgumentHelp(
            "Where OTLP over HTTP is received. (default: \(Self.defaultText))", valueName: "url"))
    var to: String?

    @Argument(help: ArgumentHelp("Files to read; - is standard input.", valueName: "file"))
    var files: [String]

    func validate() throws { _ = try base() }

    private func base() throws -> String {
        try ServerOption.base(to ?? Self.defaultText, from: "--to", example: Self.defaultText)
    }

    /// Bytes that are read at once.
    private static let chunkBytes = 1 << 20

    func run() async throws {
        var work = Work(sender: OTLPSender(base: try base()))
        for file in files {
            do {
                try await read(file, into: &work)
            } catch {
                work.progress.end()
                let before = TransferProgress.grouped(work.outcome.accepted)
                throw CommandFailure(
                    "\(file == "-" ? "Standard input" : file): \(error) Before that, \(before) spans were stored."
                )
            }
        }
        work.progress.end()
        Terminal.remark(work.summary(files: files.count))
        if work.outcome.rejected > 0 { throw ExitCode.failure }
    }

    private struct Work {
        let sender: OTLPSender
        var outcome = OTLPSender.Outcome()
        var progress = TransferProgress()
        /// Read, and not yet sent.
        var batch: [ResourceSpans] = []
        var batchSpans = 0
        /// Documents without spans.
        var others = 0

        mutating func add(_ spans: [ResourceSpans]) async throws(CommandFailure) {
            let count = SpanPieces.spanCount(spans)
            if count == 0 { return others += 1 }
            batch += spans
            batchSpans += count
            if batchSpans >= SpanPieces.spansMax { try await flush() }
        }

        mutating func flush() async throws(CommandFailure) {
            let sent = batch
            (batch, batchSpans) = ([], 0)
            try await sender.send(sent, into: &outcome)
        }

        func summary(files: Int) -> String {
            var text =
                "Imported \(TransferProgress.counted(outcome.accepted, "span")) from "
                + "\(TransferProgress.counted(files, "file"))."
            if others > 0 {
                text +=
                    " Left out: \(TransferProgress.grouped(others)) messages without spans (logs, metrics)."
            }
            if outcome.rejected > 0 {
                let reason = Terminal.visible(outcome.reason)
                text += " Rejected: \(TransferProgress.grouped(outcome.rejected)) spans (\(reason))."
            }
            return text
        }
    }

    private func read(_ file: String, into work: inout Work) async throws(CommandFailure) {
        let handle = try Self.open(file)
        defer { try? handle.close() }
        let size = Self.size(of: handle)
        var input = TransferInput()
        var bytesRead = 0
        do throws(CommandFailure) {
            while let chunk = try Self.chunk(of: handle) {
                bytesRead += chunk.count
                for document in try input.append(chunk) { try await take(document, into: &work) }
                let share = size.map { $0 > 0 ? " (\(min(100, bytesRead * 100 / $0)) %)" : "" } ?? ""
                let count = work.outcome.accepted
                work.progress.show("\(TransferProgress.grouped(count)) spans, \(file)\(share)")
            }
            guard input.hasBytes else { throw CommandFailure("it is empty: there is nothing to import.") }
            for document in try input.finish() { try await take(document, into: &work) }
        } catch {
            // What was good before is kept.
            try? await work.flush()
            throw error
        }
        try await work.flush()
    }

    private func take(
        _ document: OTLPFileCutter.Document, into work: inout Work
    ) async throws(CommandFailure) {
        var limits = WireLimits()
        limits.messageBytes = OTLPFileCutter.wholeBytesMax
        limits.decodedBytes = .max
        let request: ExportTraceServiceRequest
        do throws(WireError) {
            request =
                switch document.form {
                case .json:
                    try OTLPJSON.decode(ExportTraceServiceRequest.self, from: document.bytes, limits: limits)
                case .protobuf:
                    try OTLPProtobuf.decode(
                        ExportTraceServiceRequest.self, from: document.bytes, limits: limits)
                }
        } catch {
            if document.form == .protobuf, Self.isLogs(document.bytes, limits) { return work.others += 1 }
            throw CommandFailure("\(document.place) is no message of OTLP: \(error).")
        }
        // In protobuf, traces, logs and metrics differ below their outer fields only.
        if document.form == .protobuf, Self.hasNoValidSpan(request), Self.isLogs(document.bytes, limits) {
            return work.others += 1
        }
        try await work.add(request.resourceSpans)
    }

    private static func hasNoValidSpan(_ request: ExportTraceServiceRequest) -> Bool {
        request.resourceSpans.allSatisfy { part in
            part.scopeSpans.allSatisfy { scope in
                scope.spans.allSatisfy { !$0.traceID.isValid || !$0.spanID.isValid }
            }
        }
    }

    private static func isLogs(_ bytes: [UInt8], _ limits: WireLimits) -> Bool {
        guard
            let request = try? OTLPProtobuf.decode(ExportLogsServiceRequest.self, from: bytes, limits: limits)
        else { return false }
        return request.resourceLogs.contains { part in
            part.scopeLogs.contains { scope in
                // Every sender sets one of these.
                scope.logRecords.contains { $0.timeUnixNano != 0 || $0.observedTimeUnixNano != 0 }
            }
        }
    }

    private static func open(_ file: String) throws(CommandFailure) -> FileHandle {
        if file == "-" { return .standardInput }
        let descriptor = Foundation.open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandFailure("it cannot be read: \(String(cString: strerror(errno))).")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Nil for what has no size: a pipe, a terminal.
    private static func size(of handle: FileHandle) -> Int? {
        var facts = stat()
        guard fstat(handle.fileDescriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(facts.st_size)
    }

    private static func chunk(of handle: FileHandle) throws(CommandFailure) -> Data? {
        do {
            let data = try handle.read(upToCount: chunkBytes)
            return data?.isEmpty == false ? data : nil
        } catch {
            throw CommandFailure("it cannot be read: \(String(cString: strerror(errno))).")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import Synchronization
import TelemetryModel
public import TelemetrySDK

/// Writes spans as OTLP/JSON, one line for each batch: a JSON lines file that collectors and `contrail` can read.
///
/// Lines are added at the end; several processes may share a file. Nothing is kept back: what an export has taken is
/// with the operating system when it returns. A file that was moved away or deleted, by `logrotate` or by hand, is made
/// anew with the next batch.
///
/// A batch that cannot be written, for example because the disk is full, fails and is counted; the next batch tries
/// again. When only a part of a line could be written, the next one begins on a line of its own.
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry Protocol File Exporter" (in development).
public final class OTLPFileSpanExporter: SpanExporter {
    /// Where lines go.
    public struct Destination: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case standardOutput
            case file(path: String, bytesMax: Int?, filesMax: Int)
        }

        package let kind: Kind

        /// Standard output of the process.
        public static let standardOutput = Destination(kind: .standardOutput)

        /// A file, made when it is missing; its folder must be there. "The preferred file extension is `jsonl`."
        ///
        /// - Parameters:
        ///   - path: of the file.
        ///   - bytesMax: size above which the file is renamed to `<path>.1`, an older one to `<path>.2` and so on,
        ///     before the next batch begins a new one. Nil: never.
        ///   - filesMax: files that are kept, with the one that is written; the oldest above is deleted. At least 2.
        /// - Returns: The destination.
        public static func file(_ path: String, bytesMax: Int? = nil, filesMax: Int = 5) -> Destination {
            Destination(
                kind: .file(path: path, bytesMax: bytesMax.map { max($0, 1) }, filesMax: max(filesMax, 2)))
        }
    }

    private let output: any LineOutput
    private let isShutDown = Atomic(false)

    /// Opens nothing yet: a file that cannot be written is an error of each batch, not of the program's start.
    ///
    /// - Parameters:
    ///   - destination: where lines go.
    ///   - timeout: how long a batch may wait for whoever reads standard output; files are not waited for.
    public convenience init(_ destination: Destination = .standardOutput, timeout: Duration = .seconds(10)) {
        switch destination.kind {
        case .standardOutput: self.init(StreamOutput(descriptor: 1, name: "stdout", timeout: timeout))
        case .file(let path, let bytesMax, let filesMax):
            self.init(AppendedFile(path: path, bytesMax: bytesMax, filesMax: filesMax))
        }
    }

    init(_ output: any LineOutput) { self.output = output }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        guard !isShutDown.load(ordering: .relaxed) else {
            return .failure(
                ExportError(
                    code: .shutDown, endpoint: output.name, message: "the exporter has been shut down"))
        }
        // OTLP 1.11.0: senders "SHOULD NOT send empty envelopes".
        guard batch.count > 0 else { return .success() }
        // "Only top-level objects, TracesData, MetricsData, and LogsData are supported": on the wire the same as a
        // request.
        var line = OTLPJSON.encode(ExportTraceServiceRequest(resourceSpans: batch.resourceSpans))
        line.append(UInt8(ascii: "\n"))
        do throws(ExportError) {
            try await output.write(line)
            return .success()
        } catch {
            return .failure(error)
        }
    }

    /// Nothing is kept back.
    public func forceFlush() async {}

    public func shutdown() async {
        guard !isShutDown.exchange(true, ordering: .relaxed) else { return }
        await output.close()
    }
}

extension OTLPFileSpanExporter: DescribedExporter {
    // Not among the well-known values of semantic conventions 1.44, but made as they are.
    package var componentType: String { "otlp_file_span_exporter" }
    package var server: (address: String, port: Int?)? { nil }
}

/// What lines are written to, one call at a time.
protocol LineOutput: Sendable {
    /// For people.
    var name: String { get }

    /// Writes a line, its line break included, whole or fails.
    func write(_ line: [UInt8]) async throws(ExportError)

    func close() async
}

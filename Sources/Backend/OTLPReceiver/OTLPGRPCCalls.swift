// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import OTLPWire
internal import TelemetryModel

/// The calls of the OTLP collector services: what their messages are, and what is done with them.
struct OTLPGRPCCalls: Sendable {
    let ingest: TraceIngest
    let logs: LogsIngest

    /// A call that is answered with more than a refusal.
    enum Call {
        case traces, logs

        private static let tracesPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        private static let logsPath = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
        private static let metricsPath = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
        /// Characters of an unknown path that are repeated to its sender.
        private static let pathCharactersMax = 200

        init(path: String) throws(Refusal) {
            switch path {
            case Self.tracesPath: self = .traces
            case Self.logsPath: self = .logs
            // A reason: its sender would otherwise only read "not implemented".
            case Self.metricsPath: throw .notStored("metrics")
            default:
                throw Refusal(
                    .unknownPath,
                    "nothing is at \(path.prefix(Self.pathCharactersMax)); OTLP over gRPC is received at "
                        + "\(Self.tracesPath) and \(Self.logsPath)")
            }
        }
    }

    /// What a message holds.
    enum Batch: Sendable {
        case traces(ScreenedSpans)
        case logs([ResourceLogs])
    }

    func decode(_ message: ByteBuffer, of call: Call) throws(Refusal) -> Batch {
        switch call {
        case .traces: .traces(try ingest.decode(message.readableBytesSpan, as: .protobuf))
        case .logs: .logs(try logs.decode(message.readableBytesSpan, as: .protobuf))
        }
    }

    /// Stores the batch as durably as the store promises, and gives the message of the answer.
    func store(_ batch: Batch) async throws(Refusal) -> [UInt8] {
        switch batch {
        case .traces(let spans): OTLPMessages.bytes(of: try await ingest.store(spans), as: .protobuf)
        case .logs(let batch): OTLPMessages.bytes(of: try await logs.store(batch), as: .protobuf)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import OTLPWire
internal import TelemetryModel

/// The RPCs of the OTLP collector services.
struct OTLPGRPCMethods: RegistrableRPCService {
    let ingest: TraceIngest
    let logs: LogsIngest

    private static let package = "opentelemetry.proto.collector"

    func registerMethods<Transport: ServerTransport>(with router: inout RPCRouter<Transport>) {
        let ingest = ingest
        router.registerHandler(
            forMethod: Self.export("trace.v1.TraceService"),
            deserializer: TraceRequestDeserializer(ingest: ingest), serializer: TraceResponseSerializer()
        ) { request, _ in
            let spans = try await ServerRequest(stream: request).message
            do {
                let response = try await withTaskExecutorPreference(ConnectionTasks.shared.ofThisThread) {
                    try await ingest.store(spans)
                }
                return StreamingServerResponse(single: ServerResponse(message: response))
            } catch let refusal as Refusal {
                throw ingest.counted(refusal)
            }
        }
        router.registerHandler(
            forMethod: Self.export("logs.v1.LogsService"),
            deserializer: LogsRequestDeserializer(logs: logs, ingest: ingest),
            serializer: LogsResponseSerializer()
        ) { [logs] request, _ in
            let batch = try await ServerRequest(stream: request).message
            do {
                let response = try await withTaskExecutorPreference(ConnectionTasks.shared.ofThisThread) {
                    try await logs.store(batch)
                }
                return StreamingServerResponse(single: ServerResponse(message: response))
            } catch let refusal as Refusal {
                throw ingest.counted(refusal)
            }
        }
        refuse(Self.export("metrics.v1.MetricsService"), with: .notStored("metrics"), on: &router)
    }

    private static func export(_ service: String) -> MethodDescriptor {
        MethodDescriptor(fullyQualifiedService: "\(package).\(service)", method: "Export", type: .unary)
    }

    /// Answers with a reason: without a handler the sender would only read "not implemented".
    private func refuse<Transport: ServerTransport>(
        _ method: MethodDescriptor, with refusal: Refusal, on router: inout RPCRouter<Transport>
    ) {
        let ingest = ingest
        router.registerHandler(
            forMethod: method, deserializer: BytesIgnored(), serializer: TraceResponseSerializer()
        ) { _, _ in throw ingest.counted(refusal) }
    }
}

/// Reads the message while its bytes are borrowed from the transport.
private struct TraceRequestDeserializer: MessageDeserializer {
    let ingest: TraceIngest

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> ScreenedSpans {
        do {
            return try bytes.withUnsafeBytes { buffer in
                // Safety: the span does not leave the closure in which the buffer is valid.
                try ingest.decode(unsafe RawSpan(_unsafeBytes: buffer), as: .protobuf)
            }
        } catch let refusal as Refusal {
            throw ingest.counted(refusal)
        }
    }
}

extension TraceIngest {
    /// The error for the transport, and one more refusal in the counts.
    fileprivate func counted(_ refusal: Refusal) -> RPCError {
        metrics.refused(refusal.reason, at: .grpc)
        return RPCError(refusal)
    }
}

private struct TraceResponseSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: ExportTraceServiceResponse) throws -> Bytes {
        Bytes(OTLPMessages.bytes(of: message, as: .protobuf))
    }
}

/// As for traces.
private struct LogsRequestDeserializer: MessageDeserializer {
    let logs: LogsIngest
    let ingest: TraceIngest

    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> [ResourceLogs] {
        do {
            return try bytes.withUnsafeBytes { buffer in
                // Safety: the span does not leave the closure in which the buffer is valid.
                try logs.decode(unsafe RawSpan(_unsafeBytes: buffer), as: .protobuf)
            }
        } catch let refusal as Refusal {
            throw ingest.counted(refusal)
        }
    }
}

private struct LogsResponseSerializer: MessageSerializer {
    func serialize<Bytes: GRPCContiguousBytes>(_ message: ExportLogsServiceResponse) throws -> Bytes {
        Bytes(OTLPMessages.bytes(of: message, as: .protobuf))
    }
}

private struct BytesIgnored: MessageDeserializer {
    func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws {}
}

extension RPCError {
    // OTLP 1.11.0 specification, "Failures": RetryInfo and BadRequest are details of the status, which gRPC
    // carries in `grpc-status-details-bin`.
    init(_ refusal: Refusal) {
        var metadata = Metadata()
        if !OTLPMessages.status(of: refusal).details.isEmpty {
            metadata.addBinary(
                OTLPMessages.bytes(of: refusal, as: .protobuf), forKey: "grpc-status-details-bin")
        }
        let code = Status.Code(rawValue: Int(refusal.reason.statusCode)).flatMap(RPCError.Code.init)
        self.init(code: code ?? .unknown, message: refusal.message, metadata: metadata)
    }
}

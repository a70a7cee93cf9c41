// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Sends spans as OTLP/gRPC.
///
/// Retries what the protocol calls retryable, within the configuration's timeout. One connection is kept and used
/// again. Source: OTLP 1.11.0, "OTLP/gRPC".
public final class OTLPGRPCSpanExporter: SpanExporter {
    private let sender: OTLPSender<GRPCTransport>

    /// Opens no connection yet.
    ///
    /// - Parameter configuration: Where and how; by default to `http://localhost:4317`.
    /// - Throws: `InvalidEndpoint` when the endpoint is not an absolute http or https URL, a header cannot be sent, or
    ///   one of the files for TLS cannot be used.
    public convenience init(
        _ configuration: OTLPExporterConfiguration = .init(endpoint: "http://localhost:4317")
    ) throws(InvalidEndpoint) {
        try self.init(configuration, policy: ExportRetryPolicy())
    }

    package init(
        _ configuration: OTLPExporterConfiguration, policy: ExportRetryPolicy,
        environment: RetryEnvironment = .system
    ) throws(InvalidEndpoint) {
        sender = try OTLPSender(
            configuration, example: "http://localhost:4317", policy: policy, environment: environment
        ) { (endpoint) throws(InvalidEndpoint) in
            try GRPCTransport(.traces, to: endpoint, configuration)
        }
    }

    /// Whether a connection has ever been asked for.
    package var hasDialled: Bool { sender.transport.hasDialled }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        await sender.send(count: batch.count) { batch.exportTraceServiceRequest() }
    }

    public func forceFlush() async {}

    public func shutdown() async { await sender.shutdown() }
}

extension OTLPGRPCSpanExporter: DescribedExporter {
    package var componentType: String { "otlp_grpc_span_exporter" }
    package var server: (address: String, port: Int?)? { sender.server }
}

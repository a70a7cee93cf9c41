// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Sends spans as OTLP/HTTP in protobuf.
///
/// Retries what the protocol calls retryable, within the configuration's timeout. Connections are kept and used
/// again. Source: OTLP 1.11.0, "OTLP/HTTP".
public final class OTLPHTTPSpanExporter: SpanExporter {
    private let sender: OTLPSender<HTTPTransport>

    /// Opens no connection yet.
    ///
    /// - Parameter configuration: Where and how; by default to `http://localhost:4318/v1/traces`.
    /// - Throws: ``InvalidEndpoint`` when the endpoint is not an absolute http or https URL.
    public convenience init(
        _ configuration: OTLPExporterConfiguration = .init(endpoint: "http://localhost:4318/v1/traces")
    ) throws(InvalidEndpoint) {
        try self.init(configuration, policy: ExportRetryPolicy())
    }

    package init(
        _ configuration: OTLPExporterConfiguration, policy: ExportRetryPolicy,
        environment: RetryEnvironment = .system
    ) throws(InvalidEndpoint) {
        sender = try OTLPSender(
            configuration, example: "http://localhost:4318/v1/traces", policy: policy,
            environment: environment
        ) { _ in HTTPTransport(configuration) }
    }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        await sender.send(count: batch.count) { batch.exportTraceServiceRequest() }
    }

    public func forceFlush() async {}

    public func shutdown() async { await sender.shutdown() }
}

extension OTLPHTTPSpanExporter: DescribedExporter {
    package var componentType: String { "otlp_http_span_exporter" }
    package var server: (address: String, port: Int?)? { sender.server }
}

// SPDX-License-Identifier: Apache-2.0

import OTLPWire
public import TelemetrySDK

/// Sends spans as OTLP/HTTP, in protobuf or JSON.
///
/// Retries what the protocol calls retryable, within the configuration's timeout. Connections are kept and used
/// again. Source: OTLP 1.11.0, "OTLP/HTTP".
public final class OTLPHTTPSpanExporter: SpanExporter {
    private let sender: OTLPSender<HTTPTransport>
    private let encoding: OTLPEncoding

    /// Opens no connection yet.
    ///
    /// - Parameters:
    ///   - configuration: Where and how; by default to `http://localhost:4318/v1/traces`.
    ///   - encoding: How requests are written, and answers read.
    /// - Throws: `InvalidEndpoint` when the endpoint is not an absolute http or https URL, a header cannot be sent, or
    ///   one of the files for TLS cannot be used.
    public convenience init(
        _ configuration: OTLPExporterConfiguration = .init(endpoint: "http://localhost:4318/v1/traces"),
        encoding: OTLPEncoding = .protobuf
    ) throws(InvalidEndpoint) {
        try self.init(configuration, encoding: encoding, policy: ExportRetryPolicy())
    }

    package init(
        _ configuration: OTLPExporterConfiguration, encoding: OTLPEncoding = .protobuf,
        policy: ExportRetryPolicy, environment: RetryEnvironment = .system
    ) throws(InvalidEndpoint) {
        self.encoding = encoding
        sender = try OTLPSender(
            configuration, encoding: encoding, example: "http://localhost:4318/v1/traces", policy: policy,
            environment: environment
        ) { (endpoint) throws(InvalidEndpoint) in
            try HTTPTransport(to: endpoint, configuration, encoding: encoding)
        }
    }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        await sender.send(count: batch.count) {
            switch encoding {
            case .protobuf: batch.exportTraceServiceRequest()
            case .json: OTLPJSON.encode(ExportTraceServiceRequest(resourceSpans: batch.resourceSpans))
            }
        }
    }

    public func forceFlush() async {}

    public func shutdown() async { await sender.shutdown() }
}

extension OTLPHTTPSpanExporter: DescribedExporter {
    package var componentType: String {
        switch encoding {
        case .protobuf: "otlp_http_span_exporter"
        case .json: "otlp_http_json_span_exporter"
        }
    }
    package var server: (address: String, port: Int?)? { sender.server }
}

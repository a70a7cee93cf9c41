// SPDX-License-Identifier: Apache-2.0

/// What an OTLP request carries: where it goes over HTTP and over gRPC.
package enum OTLPSignal: String, Hashable, Sendable, CaseIterable {
    case traces
    case metrics
    case logs

    // OTLP 1.11.0, "OTLP/HTTP Request": "The default URL path for requests that carry trace data is
    // /v1/traces", and so on.
    /// Behind a receiver's base address.
    package var path: String { "/v1/\(rawValue)" }

    /// Its method is `Export`.
    package var grpcService: String {
        switch self {
        case .traces: "opentelemetry.proto.collector.trace.v1.TraceService"
        case .metrics: "opentelemetry.proto.collector.metrics.v1.MetricsService"
        case .logs: "opentelemetry.proto.collector.logs.v1.LogsService"
        }
    }
}

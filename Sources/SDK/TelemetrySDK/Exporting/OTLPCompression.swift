// SPDX-License-Identifier: Apache-2.0

/// How an OTLP request is compressed. The raw values are those of `OTEL_EXPORTER_OTLP_COMPRESSION`.
///
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry Protocol Exporter", "Compression".
public enum OTLPCompression: String, Hashable, Sendable, CaseIterable {
    /// Every request, a small one too: the specification knows no lower bound.
    case gzip
    case none
}

// SPDX-License-Identifier: Apache-2.0

/// How OTLP messages are written over HTTP; gRPC knows protobuf alone.
///
/// Source: OTLP 1.11.0, "OTLP/HTTP", "Binary Protobuf Encoding" and "JSON Protobuf Encoding".
public enum OTLPEncoding: Hashable, Sendable {
    case protobuf
    case json
}

// SPDX-License-Identifier: Apache-2.0

internal import OTLPReceiver

/// What is said to those who come to the wrong one of the ports: which is the right one.
struct PortWords: Sendable {
    private let grpc: Int
    private let http: Int

    init(_ ports: [BackendPort: Int]) {
        grpc = ports[.grpc] ?? 0
        http = ports[.http] ?? 0
    }

    /// For HTTP/1.1 at the port for gRPC.
    var adviceForHTTP1: String {
        "this port takes OTLP over gRPC: set OTEL_EXPORTER_OTLP_PROTOCOL=grpc, or send OTLP over HTTP to port "
            + "\(http)"
    }

    /// For gRPC at a port for HTTP.
    var adviceForGRPC: String {
        "this port speaks HTTP/1.1: send OTLP over gRPC to port \(grpc), or OTLP over HTTP to port \(http) with "
            + "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
    }

    /// For OTLP over HTTP at the port of the page.
    var notHere: Refusal {
        Refusal(
            .unknownPath,
            "this is the port of the page; send OTLP over HTTP to port \(http), over gRPC to port \(grpc)")
    }
}

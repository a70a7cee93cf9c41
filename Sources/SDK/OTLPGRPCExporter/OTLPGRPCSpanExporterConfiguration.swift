// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

/// Where and how ``OTLPGRPCSpanExporter`` sends.
///
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry Protocol Exporter".
public struct OTLPGRPCSpanExporterConfiguration: Sendable {
    /// `http://host:port` without encryption or `https://host:port` with it; a path is not used.
    public var endpoint: String
    /// Sent with each request as metadata, such as an authorization. Never logged. Names are written in lower
    /// case, and those that gRPC keeps for itself (`grpc-…`, `content-type`, `te`) are left out.
    public var headers: [(String, String)]
    /// Time for one batch, with all attempts and the waits between them; zero is no limit for an attempt.
    public var timeout: Duration

    /// Makes a configuration; the defaults are those of the specification.
    public init(
        endpoint: String = "http://localhost:4317", headers: [(String, String)] = [],
        timeout: Duration = .seconds(10)
    ) {
        self.endpoint = endpoint
        self.headers = headers
        self.timeout = timeout
    }
}

extension OTLPGRPCSpanExporterConfiguration: CustomStringConvertible, CustomReflectable {
    private var shownEndpoint: String { (try? EndpointURL(endpoint))?.description ?? "not a URL" }

    /// Without user and query of the endpoint and without the values of headers: they are secrets.
    public var description: String {
        "\(shownEndpoint), headers: \(headers.map { $0.0 }), timeout: \(timeout)"
    }

    /// As ``description``.
    public var customMirror: Mirror {
        Mirror(
            self, children: ["endpoint": shownEndpoint, "headers": headers.map { $0.0 }, "timeout": timeout])
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

/// Where and how ``OTLPHTTPSpanExporter`` sends.
///
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry Protocol Exporter".
public struct OTLPHTTPSpanExporterConfiguration: Sendable {
    /// The whole URL of the receiver's traces, used as it is: nothing is appended.
    public var endpoint: String
    /// Sent with each request, such as an authorization. Never logged.
    public var headers: [(String, String)]
    /// Time for one batch, with all attempts and the waits between them; zero is no limit for an attempt.
    public var timeout: Duration

    /// Makes a configuration; the defaults are those of the specification.
    public init(
        endpoint: String = "http://localhost:4318/v1/traces", headers: [(String, String)] = [],
        timeout: Duration = .seconds(10)
    ) {
        self.endpoint = endpoint
        self.headers = headers
        self.timeout = timeout
    }
}

extension OTLPHTTPSpanExporterConfiguration: CustomStringConvertible, CustomReflectable {
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

// SPDX-License-Identifier: Apache-2.0

/// Where and how an OTLP exporter sends, over HTTP and over gRPC alike.
///
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry Protocol Exporter".
public struct OTLPExporterConfiguration: Sendable {
    /// For HTTP the whole URL of the receiver's traces, used as it is: nothing is appended. For gRPC
    /// `http://host:port` without encryption or `https://host:port` with it; a path is not used.
    public var endpoint: String
    /// Sent with each request, such as an authorization. Never logged. A `User-Agent` stands before the exporter's own.
    /// No exporter is made with a header that cannot be sent: one with a line break or, over gRPC, with what is not
    /// ASCII, and one that the exporter sets itself, such as `Content-Type`, `Content-Length`, `TE` and over gRPC
    /// `Host` and `grpc-…`.
    public var headers: [(String, String)]
    /// Time for one batch, with all attempts and the waits between them; zero is no limit for an attempt.
    public var timeout: Duration
    /// Whether requests are compressed.
    public var compression: OTLPCompression
    /// Files for an https endpoint; without any, the system's trust holds.
    public var tls: OTLPTLSFiles
    /// Gives further headers for each request; nil is none.
    public var headersFrom: OTLPHeaderProvider?

    /// Makes a configuration; what is left out is the specification's default.
    public init(
        endpoint: String, headers: [(String, String)] = [], timeout: Duration = .seconds(10),
        compression: OTLPCompression = .none, tls: OTLPTLSFiles = OTLPTLSFiles(),
        headersFrom: OTLPHeaderProvider? = nil
    ) {
        self.endpoint = endpoint
        self.headers = headers
        self.timeout = timeout
        self.compression = compression
        self.tls = tls
        self.headersFrom = headersFrom
    }
}

extension OTLPExporterConfiguration: CustomStringConvertible, CustomReflectable {
    private var shownEndpoint: String { (try? EndpointURL(endpoint))?.description ?? "not a URL" }

    /// Without user and query of the endpoint and without the values of headers: they are secrets.
    public var description: String {
        "\(shownEndpoint), headers: \(headers.map { $0.0 }), timeout: \(timeout), "
            + "compression: \(compression.rawValue)"
    }

    /// As ``description``.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "endpoint": shownEndpoint, "headers": headers.map { $0.0 }, "timeout": timeout,
                "compression": compression,
            ])
    }
}

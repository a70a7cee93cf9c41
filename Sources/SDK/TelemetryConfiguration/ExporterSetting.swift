// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Where spans go.
public struct ExporterSetting: Sendable, CustomStringConvertible, CustomReflectable {
    package enum Kind: Sendable {
        case otlp(OTLP)
        case console
        case custom(any SpanExporter)
    }

    /// What the program says of an OTLP exporter; nil is left to the environment.
    package struct OTLP: Sendable {
        package var transport: OTLPProtocol?
        package var endpoint: String?
        package var isExact = false
        package var headers: [String: String]?
        package var timeout: Duration?
        package var compression: OTLPCompression?
    }

    /// Without user and query of the address and without the values of headers: they are secrets.
    public var description: String {
        switch kind {
        case .otlp(let otlp):
            "otlp(\(otlp.endpoint.map(EndpointURL.redacted) ?? "default"), headers: "
                + "\(otlp.headers.map { $0.keys.sorted() } ?? []))"
        case .console: "console"
        case .custom: "custom"
        }
    }

    /// As ``description``.
    public var customMirror: Mirror { Mirror(reflecting: description) }

    package let kind: Kind

    /// An OTLP receiver. What is left out comes from `OTEL_EXPORTER_OTLP_…`, else from the defaults.
    ///
    /// - Parameters:
    ///   - transport: How OTLP is spoken.
    ///   - endpoint: Scheme, host and port; for HTTP `v1/traces` is appended to it.
    ///   - headers: Headers of every export. Their values are never logged.
    ///   - timeout: Longest export of one batch with all attempts; zero is no limit.
    ///   - compression: How requests are compressed.
    /// - Returns: The setting.
    public static func otlp(
        _ transport: OTLPProtocol? = nil, to endpoint: String? = nil, headers: [String: String]? = nil,
        timeout: Duration? = nil, compression: OTLPCompression? = nil
    ) -> ExporterSetting {
        ExporterSetting(
            kind: .otlp(
                OTLP(
                    transport: transport, endpoint: endpoint, headers: headers, timeout: timeout,
                    compression: compression)))
    }

    /// An OTLP receiver at exactly this address: nothing is appended to it.
    public static func otlp(
        _ transport: OTLPProtocol? = nil, exactly endpoint: String, headers: [String: String]? = nil,
        timeout: Duration? = nil, compression: OTLPCompression? = nil
    ) -> ExporterSetting {
        ExporterSetting(
            kind: .otlp(
                OTLP(
                    transport: transport, endpoint: endpoint, isExact: true, headers: headers,
                    timeout: timeout, compression: compression)))
    }

    /// Standard output, one line for each span.
    public static let console = ExporterSetting(kind: .console)

    /// One of your own.
    public static func custom(_ exporter: any SpanExporter) -> ExporterSetting {
        ExporterSetting(kind: .custom(exporter))
    }
}

/// How OTLP is spoken. The raw values are those of `OTEL_EXPORTER_OTLP_PROTOCOL`.
public enum OTLPProtocol: String, Sendable, CaseIterable {
    case grpc
    case httpProtobuf = "http/protobuf"
}

// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Where spans go.
public struct ExporterSetting: Sendable, CustomStringConvertible, CustomReflectable {
    package enum Kind: Sendable {
        case otlp(OTLP)
        case otlpFile(OTLPFile)
        case zipkin(Zipkin)
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
        package var tls: OTLPTLSFiles?
        package var insecure: Bool?
        package var headerProvider: OTLPHeaderProvider?
    }

    /// OTLP in JSON lines.
    package struct OTLPFile: Hashable, Sendable {
        /// Nil for standard output.
        package var path: String?
        /// Size above which another file is begun; nil for never.
        package var bytesMax: Int?
        /// Files that are kept.
        package var filesMax = 5
    }

    /// What the program says of a Zipkin exporter; nil is left to the environment.
    package struct Zipkin: Sendable {
        package var endpoint: String?
        package var timeout: Duration?
    }

    /// Without user and query of the address and without the values of headers: they are secrets.
    public var description: String {
        switch kind {
        case .otlp(let otlp):
            "otlp(\(otlp.endpoint.map(EndpointURL.redacted) ?? "default"), headers: "
                + "\(otlp.headers.map { $0.keys.sorted() } ?? []))"
        case .otlpFile(let file): "otlp/\(file.path ?? "stdout")"
        case .zipkin(let zipkin): "zipkin(\(zipkin.endpoint.map(EndpointURL.redacted) ?? "default"))"
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
    ///   - tls: Files for an https endpoint; each that is left out comes from the environment.
    ///   - insecure: Whether a gRPC endpoint without scheme is dialled without TLS.
    ///   - headersFrom: Gives further headers for each request, such as a token that is renewed.
    /// - Returns: The setting.
    public static func otlp(
        _ transport: OTLPProtocol? = nil, to endpoint: String? = nil, headers: [String: String]? = nil,
        timeout: Duration? = nil, compression: OTLPCompression? = nil, tls: OTLPTLSFiles? = nil,
        insecure: Bool? = nil, headersFrom: OTLPHeaderProvider? = nil
    ) -> ExporterSetting {
        ExporterSetting(
            kind: .otlp(
                OTLP(
                    transport: transport, endpoint: endpoint, headers: headers, timeout: timeout,
                    compression: compression, tls: tls, insecure: insecure, headerProvider: headersFrom)))
    }

    /// An OTLP receiver at exactly this address: nothing is appended to it. The rest is as in
    /// ``otlp(_:to:headers:timeout:compression:tls:insecure:headersFrom:)``.
    public static func otlp(
        _ transport: OTLPProtocol? = nil, exactly endpoint: String, headers: [String: String]? = nil,
        timeout: Duration? = nil, compression: OTLPCompression? = nil, tls: OTLPTLSFiles? = nil,
        insecure: Bool? = nil, headersFrom: OTLPHeaderProvider? = nil
    ) -> ExporterSetting {
        ExporterSetting(
            kind: .otlp(
                OTLP(
                    transport: transport, endpoint: endpoint, isExact: true, headers: headers,
                    timeout: timeout, compression: compression, tls: tls, insecure: insecure,
                    headerProvider: headersFrom)))
    }

    /// A file of OTLP/JSON, one line for each batch; its folder must be there. The preferred ending is `.jsonl`.
    ///
    /// - Parameters:
    ///   - path: of the file. Lines are added at its end; it is made when it is missing.
    ///   - bytesMax: size above which the file is renamed to `<path>.1` and another one is begun. Nil: never.
    ///   - filesMax: files that are kept, with the one that is written; at least 2.
    /// - Returns: The setting.
    public static func otlpFile(_ path: String, bytesMax: Int? = nil, filesMax: Int = 5) -> ExporterSetting {
        ExporterSetting(kind: .otlpFile(OTLPFile(path: path, bytesMax: bytesMax, filesMax: filesMax)))
    }

    /// Standard output as OTLP/JSON, one line for each batch: for a collector that reads the output of containers.
    public static let otlpStandardOutput = ExporterSetting(kind: .otlpFile(OTLPFile()))

    /// A Zipkin server, or whoever takes its v2 JSON. What is left out comes from `OTEL_EXPORTER_ZIPKIN_…`, else from
    /// the defaults.
    ///
    /// - Parameters:
    ///   - endpoint: The whole address; nothing is appended. Default `http://localhost:9411/api/v2/spans`.
    ///   - timeout: Longest export of one batch with all attempts; zero is no limit. Default 10 s.
    /// - Returns: The setting.
    public static func zipkin(to endpoint: String? = nil, timeout: Duration? = nil) -> ExporterSetting {
        ExporterSetting(kind: .zipkin(Zipkin(endpoint: endpoint, timeout: timeout)))
    }

    /// Standard output, a tree for each trace: for people at their desk.
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
    case httpJSON = "http/json"
}

// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel
public import TelemetryResources
public import TelemetrySDK

/// What holds, after code, environment and defaults have been heard.
public struct ResolvedSettings: Sendable {
    /// Who turned telemetry off; nil when it is on.
    public let disabledBy: SettingOrigin?
    /// What Contrail logs about itself.
    public let diagnosticLevel: DiagnosticLevel
    /// Who produces the telemetry.
    public let resource: Resource
    /// Where spans go; empty is nowhere.
    public let exporters: [Exporter]
    /// The headers that context travels in, each once.
    public let propagators: [PropagatorSetting]
    public let sampler: SamplerSetting
    /// How much one span may hold.
    public let limits: SpanLimits
    /// Which scopes make spans; the first rule that fits decides, and what fits none does.
    public let scopes: [ScopeRule]
    public let batch: Batch
    /// The program's own, told of each span before the exporters'.
    public let processors: [any SpanProcessor]
    /// Whether Contrail tells how it fares itself through swift-metrics.
    public let reportsOwnMetrics: Bool
    /// Every setting with its origin, for people to read.
    public let report: [SettingReport]

    /// Where spans go.
    public enum Exporter: Sendable {
        case otlp(OTLP)
        case otlpFile(OTLPFile)
        case zipkin(Zipkin)
        case console
        case custom(any SpanExporter)
    }

    /// OTLP in JSON lines.
    public struct OTLPFile: Hashable, Sendable {
        /// Nil for standard output.
        public let path: String?
        /// Size above which another file is begun; nil for never.
        public let bytesMax: Int?
        /// Files that are kept.
        public let filesMax: Int
    }

    /// A Zipkin server.
    public struct Zipkin: Sendable {
        /// Where spans are posted to.
        public let endpoint: EndpointURL
        /// Longest export of one batch with all attempts; zero is no limit.
        public let timeout: Duration
    }

    /// An OTLP receiver.
    public struct OTLP: Sendable {
        public let transport: OTLPProtocol
        /// With the path of the signal, for HTTP.
        public let endpoint: EndpointURL
        /// Names in lower case. The values are secrets.
        public let headers: [(name: String, value: String)]
        /// Longest export of one batch with all attempts; zero is no limit.
        public let timeout: Duration
        public let compression: OTLPCompression
        /// For an https endpoint.
        public let tls: OTLPTLSFiles
        /// Gives further headers for each request.
        public let headerProvider: OTLPHeaderProvider?
    }

    /// How finished spans are collected before they are sent.
    public struct Batch: Hashable, Sendable {
        public let scheduleDelay: Duration
        /// Zero is no limit.
        public let exportTimeout: Duration
        public let maxQueueSize: Int
        public let maxExportBatchSize: Int
    }
}

extension ResolvedSettings.OTLP: CustomStringConvertible, CustomReflectable {
    /// Without the values of headers: they are secrets.
    public var description: String {
        "OTLP(\(transport), \(endpoint), headers: \(headers.map { $0.name }), timeout: \(timeout), "
            + "compression: \(compression.rawValue))"
    }

    /// Without the values of headers: they are secrets.
    public var customMirror: Mirror {
        Mirror(
            self,
            children: [
                "transport": transport, "endpoint": endpoint, "headers": headers.map { $0.name },
                "timeout": timeout, "compression": compression,
            ])
    }
}

extension ResolvedSettings {
    /// What this process knows about itself.
    public struct Process: Sendable {
        /// Name of the running program, empty when unknown.
        public let executableName: String
        /// Differs for each start of the program.
        public let instanceID: String

        public init(executableName: String, instanceID: String) {
            self.executableName = executableName
            self.instanceID = instanceID
        }
    }

    /// Hears code first, then the environment, then the specification's defaults. Pure, but for what `detect` does.
    ///
    /// What cannot be used is a warning, never an error.
    public static func resolve(
        _ code: TelemetrySettings = TelemetrySettings(), environment: [String: String], process: Process,
        detect: ([any ResourceDetector]) -> ResourceDetection.Findings = { _ in .init() }
    ) -> (settings: ResolvedSettings, warnings: [ConfigurationWarning]) {
        var resolver = Resolver(environment: environment)
        let disabledBy = resolver.disabledBy(code)
        // Who is switched off looks at nothing.
        let detectors = resolver.detectors(code)
        let detected = disabledBy == nil ? detect(detectors.map(\.detector)) : .init()
        let settings = ResolvedSettings(
            disabledBy: disabledBy, diagnosticLevel: resolver.diagnosticLevel(code),
            resource: resolver.resource(code, process: process, detected: detected),
            exporters: resolver.exporters(code),
            propagators: resolver.propagators(code), sampler: resolver.sampler(code),
            limits: resolver.limits(code), scopes: resolver.scopes(code),
            batch: resolver.batch(code.traces.batch), processors: code.traces.processors,
            reportsOwnMetrics: code.reportsOwnMetrics, report: resolver.report)
        return (settings, resolver.warnings)
    }
}

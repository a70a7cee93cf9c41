// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel
public import TelemetrySDK

/// What a program says about its telemetry. What it leaves out is decided by the environment, else by the
/// specification's defaults; `docs/configuration.md` lists both.
public struct TelemetrySettings: Sendable {
    /// False turns telemetry off. True is no order: the environment can still turn it off.
    public var isEnabled = true
    /// Which service this is.
    public var service = Service()
    /// Further attributes of the resource. They win over `OTEL_RESOURCE_ATTRIBUTES`.
    public var resourceAttributes = Attributes()
    /// Who finds out where the program runs; later ones win over earlier ones, `OTEL_ENTITIES`,
    /// `OTEL_RESOURCE_ATTRIBUTES` and code over all of them. The empty list is nobody.
    /// Nil: `OTEL_EXPERIMENTAL_RESOURCE_DETECTORS`, else process, host, container and Kubernetes.
    public var resourceDetectors: [ResourceDetectorSetting]?
    /// Where spans go; the empty list is nowhere. Nil: `OTEL_TRACES_EXPORTER`, else OTLP.
    public var exporters: [ExporterSetting]?
    /// The headers that context travels in, in this order; the empty list is none.
    /// Nil: `OTEL_PROPAGATORS`, else trace context and baggage.
    public var propagators: [PropagatorSetting]?
    /// How many attributes, and how long values, wherever they stand and no limit of their own is said.
    public var attributeLimits = AttributeLimits()
    /// What is recorded, and how it is collected.
    public var traces = Traces()
    /// What Contrail logs about itself. Nil: `OTEL_LOG_LEVEL`, else `info`.
    public var diagnosticLevel: DiagnosticLevel?
    /// Whether Contrail tells how it fares itself (`otel.sdk.*`) through swift-metrics, if the program has a backend
    /// for it. Spans cost the same either way.
    public var reportsOwnMetrics = true

    public init() {}

    /// Which service this is.
    public struct Service: Sendable {
        /// `service.name`. Nil: `OTEL_SERVICE_NAME`, else `unknown_service:` and the program's name.
        public var name: String?
        /// `service.version`.
        public var version: String?
        /// `deployment.environment.name`, for example `staging`; also sent under its older name
        /// `deployment.environment`.
        public var environment: String?
        /// `service.instance.id`. Nil: a random UUID of each start.
        public var instanceID: String?
        /// `service.namespace`: what tells services of one name apart.
        public var namespace: String?

        public init(
            name: String? = nil, version: String? = nil, environment: String? = nil,
            instanceID: String? = nil,
            namespace: String? = nil
        ) {
            self.name = name
            self.version = version
            self.environment = environment
            self.instanceID = instanceID
            self.namespace = namespace
        }
    }

    /// What is recorded, and how it is collected.
    public struct Traces: Sendable {
        /// Which spans are recorded and sent. Nil: `OTEL_TRACES_SAMPLER`, else all unless the caller decided
        /// otherwise.
        public var sampler: SamplerSetting?
        /// How finished spans are collected before they are sent.
        public var batch = Batch()
        /// How much one span may hold. Nil: `OTEL_SPAN_…_LIMIT` and its like, else `attributeLimits`, else the
        /// default.
        public var limits = SpanLimitSettings()
        /// Switches scopes off or on, ``ScopeRule/off(_:)``: the first rule that fits decides; what fits none is on.
        public var scopes: [ScopeRule] = []
        /// Of your own, told of each span in this order, before it goes to the exporters.
        public var processors: [any SpanProcessor] = []

        public init() {}
    }

    /// How finished spans are collected before they are sent. Nil: `OTEL_BSP_…`, else the default.
    public struct Batch: Sendable {
        /// Longest wait of a finished span before it is sent; default 5 s, at least 1 ms.
        public var scheduleDelay: Duration?
        /// Longest export of one batch; default 30 s, zero is no limit.
        public var exportTimeout: Duration?
        /// Spans that wait at most; further ones are dropped. Default 2048.
        public var maxQueueSize: Int?
        /// Spans in one export, never more than the queue holds. Default 512.
        public var maxExportBatchSize: Int?

        public init(
            scheduleDelay: Duration? = nil, exportTimeout: Duration? = nil, maxQueueSize: Int? = nil,
            maxExportBatchSize: Int? = nil
        ) {
            self.scheduleDelay = scheduleDelay
            self.exportTimeout = exportTimeout
            self.maxQueueSize = maxQueueSize
            self.maxExportBatchSize = maxExportBatchSize
        }
    }
}

/// What Contrail logs about itself, from nothing to everything.
public enum DiagnosticLevel: String, Sendable, CaseIterable {
    case none
    case error
    case warn
    case info
    case debug
    case trace
}

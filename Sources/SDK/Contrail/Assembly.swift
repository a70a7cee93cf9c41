// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK

/// Makes the parts of the SDK from settings.
enum Assembly {
    /// The provider, and a warning for each exporter that could not be made: the others work without it.
    static func provider(_ settings: ResolvedSettings) -> (TracerProvider, [ConfigurationWarning]) {
        let configuration = BatchSpanProcessor.Configuration(
            queueSize: settings.batch.maxQueueSize, scheduledDelay: settings.batch.scheduleDelay,
            exportTimeout: settings.batch.exportTimeout == .zero ? noLimit : settings.batch.exportTimeout,
            batchSize: settings.batch.maxExportBatchSize)
        var processors = settings.processors
        var warnings: [ConfigurationWarning] = []
        for setting in settings.exporters {
            do {
                let exporter = try exporter(setting)
                processors.append(BatchSpanProcessor(exporter: exporter, configuration: configuration))
            } catch {
                warnings.append(
                    ConfigurationWarning(
                        setting: "exporter", value: setting.destination.endpoint,
                        problem: "cannot work: \(error)",
                        used: "no exporter in its place"))
            }
        }
        let provider = TracerProvider(
            resource: settings.resource, sampler: sampler(settings.sampler), processors: processors)
        return (provider, warnings)
    }

    /// "0 is no limit": longer than any process runs.
    private static let noLimit = Duration.seconds(100 * 365 * 86_400)

    private static func sampler(_ setting: SamplerSetting) -> any Sampler {
        switch setting {
        case .alwaysOn: AlwaysOnSampler()
        case .alwaysOff: AlwaysOffSampler()
        case .traceIDRatio(let ratio): TraceIDRatioBasedSampler(ratio: ratio)
        case .parentBased(let root): ParentBasedSampler(root: sampler(root))
        case .custom(let sampler): sampler
        }
    }

    private static func exporter(_ setting: ResolvedSettings.Exporter) throws -> any SpanExporter {
        switch setting {
        case .custom(let exporter): exporter
        case .console: ConsoleSpanExporter(sink: .standardOutput)
        case .otlp(let otlp):
            switch otlp.transport {
            case .grpc: try GRPCExport.exporter(otlp)
            case .httpProtobuf: try HTTPExport.exporter(otlp)
            }
        }
    }
}

extension ResolvedSettings.Exporter {
    /// What may be said about it; an address is without user and query.
    var destination: (endpoint: String, name: String) {
        switch self {
        case .otlp(let otlp): (otlp.endpoint.description, otlp.transport.rawValue)
        case .console: ("stdout", "console")
        case .custom(let exporter): ("\(type(of: exporter))", "custom")
        }
    }
}

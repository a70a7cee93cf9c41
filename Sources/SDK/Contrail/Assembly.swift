// SPDX-License-Identifier: Apache-2.0

import OTLPFileExporter
import TelemetryConfiguration
import TelemetryModel
import TelemetrySDK
import ZipkinExporter

/// Makes the parts of the SDK from settings.
enum Assembly {
    /// What telemetry is made of.
    struct Parts {
        let provider: TracerProvider
        let pipelines: [Telemetry.Pipeline]
        /// Not started yet.
        let pollers: [SamplingStrategyPoller]
        /// One for each exporter that could not be made: the others work without it.
        let warnings: [ConfigurationWarning]
    }

    static func parts(_ settings: ResolvedSettings) -> Parts {
        var configuration = BatchSpanProcessor.Configuration(
            queueSize: settings.batch.maxQueueSize, scheduledDelay: settings.batch.scheduleDelay,
            exportTimeout: settings.batch.exportTimeout == .zero ? noLimit : settings.batch.exportTimeout,
            batchSize: settings.batch.maxExportBatchSize)
        configuration.reportsMetrics = settings.reportsOwnMetrics
        var processors = settings.processors
        var pipelines: [Telemetry.Pipeline] = []
        var warnings: [ConfigurationWarning] = []
        for setting in settings.exporters {
            do {
                let exporter = try exporter(setting)
                let counts: @Sendable () -> SpanCounts
                if exporter is ConsoleSpanExporter {
                    // "by default the standard output exporter SHOULD be paired with a simple processor"
                    let processor = SimpleSpanProcessor(exporter: exporter)
                    processors.append(processor)
                    counts = { processor.counts }
                } else {
                    let processor = BatchSpanProcessor(exporter: exporter, configuration: configuration)
                    processors.append(processor)
                    counts = processor.countsAfterItsEnd
                }
                pipelines.append(
                    Telemetry.Pipeline(exporter: setting.destination.endpoint, counts: counts))
            } catch {
                warnings.append(
                    ConfigurationWarning(
                        setting: "exporter", value: setting.destination.endpoint,
                        problem: "cannot work: \(error)",
                        used: "no exporter in its place"))
            }
        }
        var samplers = SamplerAssembly(serviceName: settings.resource.serviceName ?? "")
        let provider = TracerProvider(
            resource: settings.resource, sampler: samplers.sampler(settings.sampler), limits: settings.limits,
            tracerConfigurator: settings.scopes.isEmpty
                ? nil : TracerConfigurator(settings.scopes.map(\.rule)),
            processors: processors)
        return Parts(
            provider: provider, pipelines: pipelines, pollers: samplers.pollers, warnings: warnings)
    }

    /// "0 is no limit": longer than any process runs.
    private static let noLimit = Duration.seconds(100 * 365 * 86_400)

    private static func exporter(_ setting: ResolvedSettings.Exporter) throws -> any SpanExporter {
        switch setting {
        case .custom(let exporter): exporter
        case .console: ConsoleSpanExporter(sink: .standardOutput)
        case .otlpFile(let file):
            OTLPFileSpanExporter(
                file.path.map { .file($0, bytesMax: file.bytesMax, filesMax: file.filesMax) }
                    ?? .standardOutput)
        case .zipkin(let zipkin):
            try ZipkinSpanExporter(endpoint: zipkin.endpoint.url, timeout: zipkin.timeout)
        case .otlp(let otlp): try OTLPExport.exporter(otlp)
        }
    }
}

extension ResolvedSettings.Exporter {
    /// What may be said about it; an address is without user and query.
    var destination: (endpoint: String, name: String) {
        switch self {
        case .otlp(let otlp): (otlp.endpoint.description, otlp.transport.rawValue)
        case .otlpFile(let file): (file.path ?? "stdout", "otlp/file")
        case .zipkin(let zipkin): (zipkin.endpoint.description, "zipkin")
        case .console: ("stdout", "console")
        case .custom(let exporter): ("\(type(of: exporter))", "custom")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import Logging
package import TelemetryConfiguration
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK

extension Contrail {
    /// Starts telemetry in `surroundings`: decides, builds, installs, and says once what was done.
    package static func start(
        _ code: TelemetrySettings, printing: Bool, in surroundings: Surroundings
    ) throws(StartError) -> Telemetry {
        try surroundings.claim()
        let (settings, warnings) = ResolvedSettings.resolve(
            code, environment: surroundings.environment, process: surroundings.process,
            detect: surroundings.detect)
        let logger = diagnosticLogger(surroundings.makeLogger, level: settings.diagnosticLevel)
        surroundings.diagnose(logger)
        for warning in warnings { warn(warning, to: logger) }

        let propagator = CompositePropagator(settings.propagators.map(\.propagator))
        let telemetry: Telemetry
        if settings.disabledBy == nil {
            let parts = Assembly.parts(settings)
            for warning in parts.warnings { warn(warning, to: logger) }
            surroundings.install(parts.provider.tracingTracer(propagator: propagator), parts.provider)
            telemetry = Telemetry(
                settings: settings, provider: parts.provider, pipelines: parts.pipelines,
                pollers: parts.pollers, logger: logger)
            for poller in parts.pollers { poller.start() }
        } else {
            surroundings.install(PassThroughTracer(propagator: propagator), nil)
            telemetry = Telemetry(settings: settings, provider: nil, pollers: [], logger: logger)
        }
        surroundings.keep(telemetry)
        announce(settings, to: logger)
        if printing {
            for line in settings.report { surroundings.print(line.description) }
        }
        return telemetry
    }

    /// The logger for what Contrail says about itself.
    private static func diagnosticLogger(
        _ make: () -> Logger, level: DiagnosticLevel
    ) -> Logger {
        var logger = make()
        switch level {
        case .none: logger = Logger(label: logger.label) { _ in SwiftLogNoOpLogHandler() }
        case .error: logger.logLevel = .error
        case .warn: logger.logLevel = .warning
        case .info: logger.logLevel = .info
        case .debug: logger.logLevel = .debug
        case .trace: logger.logLevel = .trace
        }
        return logger
    }

    private static func warn(_ warning: ConfigurationWarning, to logger: Logger) {
        var metadata: Logger.Metadata = ["setting": "\(warning.setting)", "used": "\(warning.used)"]
        metadata["value"] = warning.value.map { "\($0)" }
        logger.warning("opentelemetry_configuration: \(warning)", metadata: metadata)
    }

    private static func announce(_ settings: ResolvedSettings, to logger: Logger) {
        let service: Logger.MetadataValue = "\(settings.resource.serviceName ?? "")"
        if let origin = settings.disabledBy {
            logger.info(
                "opentelemetry_disabled", metadata: ["disabled_by": "\(origin)", "service.name": service])
            return
        }
        var metadata: Logger.Metadata = ["service.name": service, "sampler": "\(settings.sampler)"]
        let destinations = settings.exporters.map(\.destination)
        metadata["endpoint"] =
            "\(destinations.isEmpty ? "none" : destinations.map(\.endpoint).joined(separator: ","))"
        metadata["protocol"] =
            "\(destinations.isEmpty ? "none" : destinations.map(\.name).joined(separator: ","))"
        logger.info("opentelemetry_initialized", metadata: metadata)
    }
}

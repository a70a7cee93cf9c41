// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
// The module of the settings is exported again: a program that writes `settings.service = …` would otherwise
// have to know, and import, the room in which they are kept.
@_exported public import TelemetryConfiguration
import TelemetryPropagators
import TelemetrySDK

/// OpenTelemetry for this program, in one call.
///
/// ```swift
/// let telemetry = try Contrail.start()
/// let app = Application(router: router, services: [telemetry])
/// ```
public enum Contrail {
    /// Starts telemetry as the environment says; see `docs/configuration.md`.
    ///
    /// From then on spans of swift-distributed-tracing and of `TelemetryAPI`, made by any library, are
    /// sampled, collected and exported. Nothing is dialled before the first export: a receiver that is not
    /// there delays nothing. Bad values are logged and replaced by their defaults.
    ///
    /// - Parameters:
    ///   - printing: writes every setting with its origin to standard output.
    ///   - configure: says in code what the environment shall not decide.
    /// - Returns: What to run beside the program's other services: on graceful shutdown it sends the last
    /// spans.
    /// - Throws: ``StartError`` when telemetry was started before or another tracer is installed; what
    /// `configure`
    ///   throws.
    public static func start(
        printing: Bool = false, _ configure: (inout TelemetrySettings) throws -> Void = { _ in }
    ) throws -> Telemetry {
        var settings = TelemetrySettings()
        try configure(&settings)
        return try start(settings, printing: printing, in: .process)
    }

    /// Runs `body` with telemetry, for programs that end by themselves: command-line tools, jobs, functions.
    ///
    /// A program that was started with `TRACEPARENT` in its environment, by a traced one or by a CI system, goes on
    /// with that trace: `body` runs in the context that was handed over.
    ///
    /// Returns when the last span has left, or when ``Telemetry/shutdownTimeout`` is over; also when `body`
    /// throws. Spans that did not leave are said in one log line.
    ///
    /// - Parameters:
    ///   - isolation: of the caller, which `body` keeps.
    ///   - configure: says in code what the environment shall not decide.
    ///   - body: what to do.
    /// - Returns: What `body` returns.
    /// - Throws: ``StartError`` when telemetry was started before or another tracer is installed; what
    /// `configure`
    ///   and `body` throw.
    public static func withTelemetry<Result>(
        isolation: isolated (any Actor)? = #isolation,
        configure: (inout TelemetrySettings) throws -> Void = { _ in },
        _ body: () async throws -> Result
    ) async throws -> Result {
        let telemetry = try start(configure)
        // OpenTelemetry 1.60, "Environment Variables as Context Propagation Carriers": "Child-process startup is
        // the point where context is extracted from environment variables."
        let context = ServiceContext.current ?? .handed(in: Surroundings.process.environment)
        let outcome: Swift.Result<Result, any Error>
        do {
            outcome = .success(try await ServiceContext.withValue(context) { try await body() })
        } catch {
            outcome = .failure(error)
        }
        await telemetry.shutdown()
        return try outcome.get()
    }
}

/// Why telemetry did not start.
public struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case alreadyStarted = "already_started"
        case tracerInstalled = "tracer_installed"
        case loggingInstalled = "logging_installed"
    }

    public let code: Code

    package init(code: Code) { self.code = code }

    public var description: String {
        switch code {
        case .alreadyStarted:
            "telemetry was started before in this process; "
                + "start it once and keep what the first call returned"
        case .tracerInstalled:
            "InstrumentationSystem was bootstrapped before with another tracer; "
                + "start Contrail in its place, and before anything else"
        case .loggingInstalled:
            "the logging system was bootstrapped before; do it once, at the start of the program"
        }
    }
}

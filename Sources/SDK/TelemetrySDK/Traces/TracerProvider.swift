// SPDX-License-Identifier: Apache-2.0

@_spi(TelemetrySDK) public import TelemetryAPI
// Exported again: exporters and samplers are written in its words.
@_exported public import TelemetryModel

/// Makes tracers and owns what their spans go through: sampler, limits, ids, clock, processors.
///
/// Several may live side by side; ``installAsGlobal()`` makes one the default of every `TelemetryScope`.
/// Source: OpenTelemetry specification 1.60, "Tracer Provider".
public final class TracerProvider: Sendable {
    let core: ProviderCore

    /// The spans' resource.
    public var resource: Resource { core.resource }
    public var sampler: any Sampler { core.sampler }
    public var limits: SpanLimits { core.limits }

    /// - Parameters:
    ///   - resource: who makes the telemetry.
    ///   - sampler: the specification's default: as the parent, roots always.
    ///   - limits: how much one span may hold.
    ///   - idGenerator: random by default.
    ///   - clock: the system's by default.
    ///   - tracerConfigurator: turns scopes off; nil leaves all on.
    ///   - processors: told of each span in this order.
    public init(
        resource: Resource = Resource(), sampler: any Sampler = ParentBasedSampler(),
        limits: SpanLimits = SpanLimits(), idGenerator: any IDGenerator = RandomIDGenerator(),
        clock: any TelemetryClock = SystemTelemetryClock(), tracerConfigurator: TracerConfigurator? = nil,
        processors: [any SpanProcessor]
    ) {
        core = ProviderCore(
            resource: resource, sampler: sampler, limits: limits, ids: idGenerator, clock: clock,
            configurator: tracerConfigurator, processors: processors)
    }

    deinit {
        InstalledTracing.uninstall(core)
        core.close()
    }

    /// The tracer of `scope`; a tracer that does nothing after ``shutdown(timeout:)``.
    public func tracer(_ scope: TelemetryScope) -> TelemetryTracer {
        // OpenTelemetry 1.60, "Get a Tracer": an invalid name gives a working tracer, "and a message reporting that
        // the specified value is invalid SHOULD be logged".
        if scope.instrumentationScope.name.isEmpty { SDKDiagnostics.report(.unnamedScope) }
        return TelemetryTracer(core.tracer(for: scope.instrumentationScope))
    }

    /// Makes every `TelemetryScope` that is not bound to a provider follow this one, also those that exist.
    public func installAsGlobal() { InstalledTracing.install(core) }

    /// Hands on everything that has ended before, through all processors at once.
    public func forceFlush(timeout: Duration = .seconds(30)) async -> FlushReport {
        guard !core.isShutDown else {
            return await core.currentEnding.afterwards(atMost: timeout, ContinuousClock())
        }
        return await Self.each(core.currentProcessors, timeout) { await $0.forceFlush(timeout: timeout) }
    }

    /// Flushes and ends, once; returns in time even when an exporter hangs, and says what was lost. A later
    /// call waits, for its own timeout at most, until the first is over.
    public func shutdown(timeout: Duration = .seconds(30)) async -> FlushReport {
        let core = core
        let first = core.beginEnding {
            let report = await Self.each(core.currentProcessors, timeout) {
                await $0.shutdown(timeout: timeout)
            }
            core.close()
            InstalledTracing.uninstall(core)
            SDKDiagnostics.reportSilencedDrops()
            return report
        }
        guard let ending = first else {
            return await core.currentEnding.afterwards(atMost: timeout, ContinuousClock())
        }
        return await ending.value
    }

    /// What comes from somebody else may not heed its timeout; a processor of ours is given time to say what is left.
    private static let grace = Duration.seconds(1)

    private static func each(
        _ processors: [any SpanProcessor], _ timeout: Duration,
        _ body: @escaping @Sendable (any SpanProcessor) async -> FlushReport
    ) async -> FlushReport {
        let patience = min(timeout, .longest) + grace
        return await withTaskGroup(of: FlushReport.self) { group in
            for processor in processors {
                group.addTask {
                    await within(patience, ContinuousClock()) { await body(processor) }
                        ?? FlushReport(.timedOut)
                }
            }
            return await group.reduce(FlushReport(.completed)) { $0.merging($1) }
        }
    }
}

extension TracerProvider {
    /// Runs `body` with this provider as the default of every `TelemetryScope`, in this task and its children only.
    public func withTaskDefault<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        InstalledTracing.useTaskSource()
        let outcome = InstalledTracing.$taskSource.withValue(core) { () -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try body()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// Runs `body` with this provider as the default of every `TelemetryScope`, in this task and its children only.
    public func withTaskDefault<Result, Failure: Error>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        InstalledTracing.useTaskSource()
        let outcome = await InstalledTracing.$taskSource.withValue(core) {
            () -> Swift.Result<Result, Failure> in
            do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
        }
        return try outcome.get()
    }
}

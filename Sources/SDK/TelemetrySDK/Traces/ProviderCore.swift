// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import Synchronization
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// What the spans of one provider need. Never freed (see ``ProviderFacts``): a few kilobytes for each provider. What
/// is large, the processors and their exporters, is let go by ``close()``.
final class ProviderCore: TracerSource, @unchecked Sendable {
    // Safety: immutable but for the atomic word of the facts and what the mutexes guard.
    let resource: Resource
    /// The resource as the wire has it.
    let envelope: Envelope
    let sampler: any Sampler
    let limits: SpanLimits
    let ids: any IDGenerator
    let clock: any TelemetryClock
    let configurator: TracerConfigurator?
    let facts: UnsafeMutablePointer<ProviderFacts>
    /// The facts of a provider that has ended: what disabled tracers see. So that spans need not ask for two things.
    let factsWhenOff: UnsafeMutablePointer<ProviderFacts>
    private let processors: ProcessorList
    private let scopes = ScopeTable()
    private let shutDown = Atomic<Bool>(false)
    private let ending = Mutex<Task<FlushReport, Never>?>(nil)

    init(
        resource: Resource, sampler: any Sampler, limits: SpanLimits, ids: any IDGenerator,
        clock: any TelemetryClock, configurator: TracerConfigurator? = nil, processors: [any SpanProcessor]
    ) {
        self.resource = resource
        envelope = Envelope(resource)
        self.sampler = sampler
        self.limits = limits.usable
        self.ids = ids
        self.clock = clock
        self.configurator = configurator
        self.processors = ProcessorList(processors)
        let plan = SamplerPlan(sampler)
        facts = .allocate(capacity: 1)
        factsWhenOff = .allocate(capacity: 1)
        facts.initialize(
            to: ProviderFacts(
                clockIsSystem: clock is SystemTelemetryClock,
                isPlain: clock is SystemTelemetryClock && ids is RandomIDGenerator && !plan.asks
                    && !self.processors.wantsToBeTold,
                tellsProcessors: self.processors.wantsToBeTold, idsAreBuiltIn: ids is RandomIDGenerator,
                newTraceFlags: ids.isRandom ? TraceFlags.random.rawValue : 0, plan: plan,
                soleQueue: self.processors.soleQueue, off: processors.isEmpty ? 1 : 0,
                core: Unmanaged.passRetained(self)))
        factsWhenOff.initialize(to: facts.pointee)
        factsWhenOff.switchOff()
        if plan.ratioDecidesChildren {
            SDKDiagnostics.report(
                .sampling(
                    "TraceIdRatioBased decides about spans that have a parent, and other SDKs may decide otherwise: "
                        + "put it into ParentBased as root, or take ProbabilitySampler"))
        }
    }

    var isShutDown: Bool { shutDown.load(ordering: .relaxed) }

    var isEnabled: Bool { !facts.isOff }

    /// True for the first caller only.
    func markShutDown() -> Bool {
        facts.switchOff()
        return !shutDown.exchange(true, ordering: .relaxed)
    }

    /// The first shutdown, once it has begun.
    var currentEnding: Task<FlushReport, Never>? { ending.withLock { $0 } }

    /// Begins to end with `body`, for the first caller; later ones get nil.
    func beginEnding(_ body: @escaping @Sendable () async -> FlushReport) -> Task<FlushReport, Never>? {
        ending.withLock { ending in
            guard markShutDown() else { return nil }
            let task = Task { await body() }
            ending = task
            return task
        }
    }

    /// None after ``close()``.
    var currentProcessors: [any SpanProcessor] { processors.all }

    /// Lets the processors go.
    func close() {
        _ = markShutDown()
        processors.close()
    }

    func tracerCore(for scope: InstrumentationScope) -> TracerCore { tracer(for: scope) }

    func tracer(for scope: InstrumentationScope) -> ScopedTracer {
        scopes.tracer(for: scope) { ScopedTracer(provider: self, scope: scope) }
    }

    // MARK: Processors

    /// Hands a span that has ended to the processors.
    func give(_ span: RecordingSpan) { processors.give(span) }

    func tellStart(_ span: RecordingSpan, _ context: ServiceContext) {
        processors.tellStart(TelemetrySpan(span), context)
    }

    func tellEnding(_ span: RecordingSpan) { processors.tellEnding(TelemetrySpan(span)) }
}

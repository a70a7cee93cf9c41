// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule
import Synchronization
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

/// What the spans of one provider need. Never freed (see ``ScopedTracer``): a few kilobytes for each provider. What
/// is large, the processors and their exporters, is let go by ``close()``.
final class ProviderCore: TracerSource, @unchecked Sendable {
    // Safety: immutable but for the atomics and what the mutexes guard.
    let resource: Resource
    let sampler: any Sampler
    let plan: SamplerPlan
    let limits: SpanLimits
    private let ids: any IDGenerator
    private let idsAreBuiltIn: Bool
    private let newTraceFlags: TraceFlags
    private let clock: any TelemetryClock
    private let clockIsSystem: Bool
    private let anchor = ClockAnchor()

    /// Set when there is one processor and it is a batch processor: then a span goes straight into its queue.
    private unowned(unsafe) let soleQueue: BatchQueue?
    /// Whether processors other than batch processors want to hear of each span.
    let tellsProcessors: Bool
    private let hasProcessors: Bool
    private let processors: Mutex<[any SpanProcessor]>
    private let scopes = ScopeTable()
    /// The resource as the wire has it.
    let envelope: Envelope
    private let shutDown = Atomic<Bool>(false)

    init(
        resource: Resource, sampler: any Sampler, limits: SpanLimits, ids: any IDGenerator,
        clock: any TelemetryClock, processors: [any SpanProcessor]
    ) {
        self.resource = resource
        self.sampler = sampler
        plan = SamplerPlan(sampler)
        self.limits = limits
        self.ids = ids
        idsAreBuiltIn = ids is RandomIDGenerator
        newTraceFlags = ids.isRandom ? .random : []
        self.clock = clock
        clockIsSystem = clock is SystemTelemetryClock
        envelope = Envelope(resource)
        soleQueue = processors.count == 1 ? (processors.first as? BatchSpanProcessor)?.queue : nil
        tellsProcessors = processors.contains { !($0 is BatchSpanProcessor) && !($0 is SimpleSpanProcessor) }
        hasProcessors = !processors.isEmpty
        self.processors = Mutex(processors)
        _ = Unmanaged.passRetained(self)
    }

    var isShutDown: Bool { shutDown.load(ordering: .relaxed) }

    // OpenTelemetry 1.60, "Enabled": false when there are no registered span processors.
    var isEnabled: Bool { hasProcessors && !isShutDown }

    /// True for the first caller only.
    func markShutDown() -> Bool { !shutDown.exchange(true, ordering: .relaxed) }

    var currentProcessors: [any SpanProcessor] { processors.withLock { $0 } }

    /// Lets the processors go.
    func close() {
        _ = markShutDown()
        processors.withLock { $0 = [] }
    }

    func tracerCore(for scope: InstrumentationScope) -> TracerCore { tracer(for: scope) }

    func tracer(for scope: InstrumentationScope) -> ScopedTracer {
        scopes.tracer(for: scope) { ScopedTracer(provider: self, scope: scope) }
    }

    // MARK: Time

    @inline(__always)
    var monotonicNano: UInt64 { clockIsSystem ? ctr_monotonic_ns() : clock.monotonicNano }

    var usesSystemClock: Bool { clockIsSystem }

    /// Of a clock that is not the system's.
    var customUnixNano: UInt64 { clock.unixNano }

    /// What to add to the monotonic clock's `now` to get Unix time.
    ///
    /// A child takes its parent's, so that it never seems to end after it; but not that of a parent so old that the
    /// clock may have been set since.
    @inline(__always)
    func clockDistance(at now: UInt64, parent: SpanCore?) -> UInt64 {
        guard clockIsSystem else { return clock.unixNano &- now }
        if let parent, ObjectIdentifier(type(of: parent)) == ObjectIdentifier(RecordingSpan.self) {
            let state = unsafeDowncast(parent, to: RecordingSpan.self).state
            let distance = state.pointee.clockDistance
            let age = now &+ distance &- state.pointee.startUnixNano
            if distance != 0, age < 60 * ClockAnchor.ageMaxNano { return distance }
        }
        return anchor.distance(at: now)
    }

    // MARK: Ids

    @inline(__always)
    func newRoot() -> (TraceID, SpanID, TraceFlags) {
        guard idsAreBuiltIn else { return newCustomRoot() }
        let words = ctr_random_ids()
        return (TraceID(high: words.first, low: words.second), SpanID(value: words.third), .random)
    }

    @inline(__always)
    func newSpanID() -> SpanID { idsAreBuiltIn ? SpanID(value: ctr_random_id()) : newCustomSpanID() }

    @inline(never)
    private func newCustomRoot() -> (TraceID, SpanID, TraceFlags) {
        let id = ids.traceID()
        guard !id.isValid else { return (id, newCustomSpanID(), newTraceFlags) }
        SDKDiagnostics.report(.invalidGeneratedID)
        return (RandomIDGenerator().traceID(), newCustomSpanID(), .random)
    }

    @inline(never)
    private func newCustomSpanID() -> SpanID {
        let id = ids.spanID()
        if id.isValid { return id }
        SDKDiagnostics.report(.invalidGeneratedID)
        return RandomIDGenerator().spanID()
    }

    // MARK: Processors

    /// Hands a span that has ended to the processors.
    @inline(__always)
    func take(_ span: RecordingSpan) {
        if let soleQueue {
            if span.header.isSampled { soleQueue.offer(span) }
        } else if hasProcessors {
            giveToEach(span)
        }
    }

    @inline(never)
    private func giveToEach(_ span: RecordingSpan) {
        let finished = FinishedSpan(span)
        for processor in currentProcessors { processor.onEnd(finished) }
    }

    @inline(never)
    func tellStart(_ span: RecordingSpan, _ context: ServiceContext) {
        let handle = TelemetrySpan(span)
        for processor in currentProcessors { processor.onStart(handle, parentContext: context) }
    }

    @inline(never)
    func tellEnding(_ span: RecordingSpan) {
        let handle = TelemetrySpan(span)
        for processor in currentProcessors { processor.onEnding(handle) }
    }
}

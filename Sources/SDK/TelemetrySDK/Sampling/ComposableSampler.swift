// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryAPI
public import TelemetryModel

/// Says how likely a span should be kept, and leaves the decision to ``CompositeSampler``: so several can work
/// together and the count of what was not kept stays right. Called from many threads at once.
///
/// Must not look at the randomness of the trace, and must leave the member `ot` of the trace state alone.
/// Source: OpenTelemetry specification 1.60, "ComposableSampler".
public protocol ComposableSampler: Sendable {
    /// The intent about one span.
    func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent

    /// Name and settings, as shown to people.
    var description: String { get }
}

/// What a composable sampler knows about a span that is about to start: all that a sampler knows but its trace id.
public struct SamplingIntentRequest: Sendable {
    /// The context in which the span starts, its parent's and whatever else is in it. ``parent`` is easier.
    public let parentContext: ServiceContext
    /// The parent span's context; nil for a root.
    public let parent: SpanContext?
    /// The threshold that the parent was kept by. Nil when it said none, or one that contradicts its sampled flag.
    public let parentThreshold: SamplingThreshold?
    public let name: String
    public let kind: SpanKind
    public let attributes: Attributes
    public let links: [TelemetryLink]

    /// What may be known of `request`.
    public init(_ request: SamplingRequest) {
        self.init(request, parentState: OpenTelemetryTraceState(request.parent?.traceState ?? TraceState()))
    }

    init(_ request: SamplingRequest, parentState: OpenTelemetryTraceState) {
        parentContext = request.parentContext
        parent = request.parent
        name = request.name
        kind = request.kind
        attributes = request.attributes
        links = request.links
        // "Sampling stages should check for consistency when it is a simple test … a parent-based sampler that
        // receives and propagates a sampled context with threshold should check that the sampled flag matches the
        // expression rv >= th, otherwise it should erase the threshold."
        parentThreshold = parentState.threshold.flatMap { threshold in
            guard let parent = request.parent else { return nil }
            let randomness = parentState.randomness ?? parent.traceID.randomness
            return threshold.keeps(randomness: randomness) == parent.isSampled ? threshold : nil
        }
    }
}

/// How likely a span should be kept.
public struct SamplingIntent: Sendable {
    /// Traces whose randomness is below it are dropped; nil drops all.
    public var threshold: SamplingThreshold?
    /// Whether the number of spans that were not kept can be told from the threshold.
    public var adjustedCountIsReliable: Bool
    /// Attributes to add to the span, asked for when it is kept.
    public var attributes: (@Sendable () -> Attributes)?
    /// The new span's trace state, made from its parent's; nil takes the parent's. Changes of the member `ot` are
    /// ignored.
    public var traceState: (@Sendable (TraceState, SamplingResult.Decision) -> TraceState)?

    public init(
        threshold: SamplingThreshold?, adjustedCountIsReliable: Bool,
        attributes: (@Sendable () -> Attributes)? = nil,
        traceState: (@Sendable (TraceState, SamplingResult.Decision) -> TraceState)? = nil
    ) {
        self.threshold = threshold
        self.adjustedCountIsReliable = adjustedCountIsReliable
        self.attributes = attributes
        self.traceState = traceState
    }

    /// Keeps nothing.
    public static let drop = SamplingIntent(threshold: nil, adjustedCountIsReliable: false)
}

extension TraceID {
    /// The 56 bits that W3C Trace Context Level 2 wants to be random: the last seven bytes.
    @inline(__always)
    var randomness: UInt64 { low & SamplingThreshold.randomnessMask }
}

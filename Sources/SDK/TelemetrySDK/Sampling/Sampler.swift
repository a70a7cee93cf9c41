// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryAPI
public import TelemetryModel

/// Decides when a span starts whether it is recorded and exported. Called from many threads at once.
/// Source: OpenTelemetry specification 1.60, "Sampler".
public protocol Sampler: Sendable {
    /// The decision about one span.
    func shouldSample(_ request: SamplingRequest) -> SamplingResult

    /// Name and settings, as shown to people; may change with remote configuration.
    var description: String { get }
}

/// What a sampler knows about a span that is about to start.
public struct SamplingRequest: Sendable {
    /// The context in which the span starts, its parent's and whatever else is in it. ``parent`` is easier.
    public var parentContext: ServiceContext
    /// The parent span's context; nil for a root.
    public var parent: SpanContext?
    /// Of the new span: its parent's, or a new one.
    public var traceID: TraceID
    /// Of the new span, as far as they are known before the decision: `TraceFlags.random`.
    public var traceFlags: TraceFlags
    public var name: String
    public var kind: SpanKind
    public var attributes: Attributes
    public var links: [TelemetryLink]

    public init(
        parentContext: ServiceContext = .topLevel, parent: SpanContext? = nil, traceID: TraceID,
        traceFlags: TraceFlags = .random, name: String, kind: SpanKind = .internal,
        attributes: Attributes = Attributes(), links: [TelemetryLink] = []
    ) {
        self.parentContext = parentContext
        self.parent = parent
        self.traceID = traceID
        self.traceFlags = traceFlags
        self.name = name
        self.kind = kind
        self.attributes = attributes
        self.links = links
    }
}

/// What a sampler decided.
public struct SamplingResult: Hashable, Sendable {
    public enum Decision: Hashable, Sendable, CaseIterable {
        /// Not recorded, not exported; the context is passed on all the same.
        case drop
        /// Span processors see it, exporters do not.
        case recordOnly
        case recordAndSample
    }

    public var decision: Decision
    /// Attributes to add to the span.
    public var attributes: Attributes
    /// The new span's trace state. Normally the parent's: an empty one clears it.
    public var traceState: TraceState

    public init(
        _ decision: Decision, traceState: TraceState, attributes: Attributes = Attributes()
    ) {
        self.decision = decision
        self.attributes = attributes
        self.traceState = traceState
    }

    /// The decision alone, the trace state as the parent's.
    init(_ decision: Decision, for request: SamplingRequest) {
        self.init(decision, traceState: request.parent?.traceState ?? TraceState())
    }
}

// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import TelemetryAPI
import TelemetryModel

/// Decides by the intent of a ``ComposableSampler``, and writes what it decided by into the trace state.
///
/// ```swift
/// let sampler = CompositeSampler(
///     ComposableParentThresholdSampler(
///         root: ComposableRuleBasedSampler([
///             .init(SpanCondition(route: "/health"), ComposableAlwaysOffSampler()),
///             .init(SpanCondition(route: "/checkout"), ComposableAlwaysOnSampler()),
///             .init(.everything, ComposableProbabilitySampler(ratio: 0.1)),
///         ])))
/// ```
/// Source: OpenTelemetry specification 1.60, "CompositeSampler".
public struct CompositeSampler: Sampler {
    /// Says what it intends.
    public let delegate: any ComposableSampler
    /// Whether traces whose id is not known to be random get a randomness of their own.
    public let addsRandomness: Bool
    private let warned = Once()

    /// - Parameters:
    ///   - delegate: says what it intends.
    ///   - addsRandomness: writes `ot=rv:…` into the trace state of roots whose id does not say that it is random
    ///     (``IDGenerator/isRandom``). By default such ids are taken for random all the same.
    public init(_ delegate: any ComposableSampler, addsRandomness: Bool = false) {
        self.delegate = delegate
        self.addsRandomness = addsRandomness
    }

    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        let parentState = request.inheritedTraceState
        var state = OpenTelemetryTraceState(parentState)
        let intent = delegate.samplingIntent(SamplingIntentRequest(request, parentState: state))

        // "Root Samplers MAY insert an explicit randomness value … in cases where an explicit randomness value is
        // not already set."
        if addsRandomness, request.parent == nil, state.randomness == nil,
            !request.traceFlags.contains(.random)
        {
            state.randomness = Self.newRandomness()
        }

        let isKept = keeps(intent, request, state)
        let decision: SamplingResult.Decision = isKept ? .recordAndSample : .drop
        // "in case of positive sampling decision … if the adjusted_count_reliable is true it modifies the th value
        // … if the returned value was false, it removes the th value"; "in case of negative sampling decision, it
        // removes the th value".
        state.threshold = isKept && intent.adjustedCountIsReliable ? intent.threshold : nil
        let base = intent.traceState.map { $0(parentState, decision) } ?? parentState
        var (traceState, fits) = state.written(into: base)
        if !fits {
            SDKDiagnostics.report(
                .sampling(
                    "the trace state has no room for the threshold; it is left out, counts will be too low"))
            state.threshold = nil
            (traceState, _) = state.written(into: base)
        }
        return SamplingResult(
            decision, traceState: traceState, attributes: isKept ? intent.attributes?() ?? [:] : [:])
    }

    // "The sampler checks the received adjusted_count_reliable, and in case of true derives the Randomness value R
    // from the TraceState or TraceId …, and in case of false it generates a new Randomness value R"
    private func keeps(
        _ intent: SamplingIntent, _ request: SamplingRequest, _ state: OpenTelemetryTraceState
    ) -> Bool {
        guard let threshold = intent.threshold else { return false }
        if threshold == .always { return true }
        guard intent.adjustedCountIsReliable else { return threshold.keeps(randomness: Self.newRandomness()) }
        if let randomness = state.randomness { return threshold.keeps(randomness: randomness) }
        // "When a ProbabilitySampler Sampler makes a decision for a non-root Span using TraceID randomness when the
        // Trace random flag was not set, the SDK SHOULD issue a warning statement"
        if let parent = request.parent, parent.isRemote, !parent.traceFlags.contains(.random), warned.isFirst
        {
            SDKDiagnostics.report(
                .sampling(
                    "trace ids are presumed to be random, but a caller did not set the random flag; have it speak "
                        + "W3C Trace Context Level 2"))
        }
        return threshold.keeps(randomness: request.traceID.randomness)
    }

    private static func newRandomness() -> UInt64 { ctr_random_id() & SamplingThreshold.randomnessMask }

    public var description: String { "CompositeSampler{\(delegate.description)}" }
}

extension SamplingRequest {
    // "API users control the initial TraceState of a root span, so they can provide explicit randomness for a trace"
    /// The parent's trace state; for a root, what the context holds without being a span.
    var inheritedTraceState: TraceState {
        if let parent { return parent.traceState }
        return parentContext.spanContext?.traceState ?? TraceState()
    }
}

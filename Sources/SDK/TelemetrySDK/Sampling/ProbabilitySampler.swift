// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Keeps the given share of traces and says so in the trace state (`ot=th:…`), so that every other participant can
/// decide alike and count what was not kept. The parent's decision is ignored; put it into ``ParentBasedSampler``.
///
/// Decides by the last seven bytes of the trace id, or by `ot=rv:…` where somebody gave that.
/// Source: OpenTelemetry specification 1.60, "ProbabilitySampler".
public struct ProbabilitySampler: Sampler {
    /// Between 0 and 1.
    public let ratio: Double
    private let composite: CompositeSampler

    /// Numbers above 1 are taken as 1; those below 2^-56, the smallest share there is, and not-a-number as 0.
    public init(ratio: Double) {
        let probability = ComposableProbabilitySampler(ratio: ratio)
        self.ratio = probability.ratio
        composite = CompositeSampler(probability)
    }

    public func shouldSample(_ request: SamplingRequest) -> SamplingResult { composite.shouldSample(request) }

    /// `ProbabilitySampler{0.25}`
    public var description: String { "ProbabilitySampler{\(TraceIDRatioBasedSampler.decimal(ratio))}" }
}

// SPDX-License-Identifier: Apache-2.0

/// Records every span: what ``root`` would drop is shown to span processors, and still not exported.
///
/// For metrics made from spans, which have to see all of them.
/// Source: OpenTelemetry specification 1.60, "AlwaysRecord".
public struct AlwaysRecordSampler: Sampler {
    /// Decides what is exported.
    public let root: any Sampler

    public init(root: any Sampler) { self.root = root }

    // "converting DROP decisions from the wrapped sampler into RECORD_ONLY decisions"
    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        var result = root.shouldSample(request)
        if result.decision == .drop { result.decision = .recordOnly }
        return result
    }

    public var description: String { "AlwaysRecordSampler{\(root.description)}" }
}

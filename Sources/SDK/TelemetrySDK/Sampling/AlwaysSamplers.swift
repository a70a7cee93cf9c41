// SPDX-License-Identifier: Apache-2.0

/// Records and exports every span.
public struct AlwaysOnSampler: Sampler {
    public init() {}
    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        SamplingResult(.recordAndSample, for: request)
    }
    public var description: String { "AlwaysOnSampler" }
}

/// Drops every span; their context is passed on.
public struct AlwaysOffSampler: Sampler {
    public init() {}
    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        SamplingResult(.drop, for: request)
    }
    public var description: String { "AlwaysOffSampler" }
}

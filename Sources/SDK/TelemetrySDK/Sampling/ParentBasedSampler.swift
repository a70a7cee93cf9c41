// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Follows the parent's decision; asks ``root`` when there is none.
/// Source: OpenTelemetry specification 1.60, "ParentBased".
public struct ParentBasedSampler: Sampler {
    /// For spans without parent.
    public let root: any Sampler
    /// For children of a sampled span of another process.
    public let remoteParentSampled: any Sampler
    /// For children of a span of another process that was not sampled.
    public let remoteParentNotSampled: any Sampler
    /// For children of a sampled span of this process.
    public let localParentSampled: any Sampler
    /// For children of a span of this process that was not sampled.
    public let localParentNotSampled: any Sampler

    public init(
        root: any Sampler = AlwaysOnSampler(), remoteParentSampled: any Sampler = AlwaysOnSampler(),
        remoteParentNotSampled: any Sampler = AlwaysOffSampler(),
        localParentSampled: any Sampler = AlwaysOnSampler(),
        localParentNotSampled: any Sampler = AlwaysOffSampler()
    ) {
        self.root = root
        self.remoteParentSampled = remoteParentSampled
        self.remoteParentNotSampled = remoteParentNotSampled
        self.localParentSampled = localParentSampled
        self.localParentNotSampled = localParentNotSampled
    }

    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        guard let parent = request.parent, parent.isValid else { return root.shouldSample(request) }
        let slot =
            switch (parent.isRemote, parent.isSampled) {
            case (true, true): remoteParentSampled
            case (true, false): remoteParentNotSampled
            case (false, true): localParentSampled
            case (false, false): localParentNotSampled
            }
        return slot.shouldSample(request)
    }

    public var description: String {
        """
        ParentBased{root:\(root.description),remoteParentSampled:\(remoteParentSampled.description),\
        remoteParentNotSampled:\(remoteParentNotSampled.description),\
        localParentSampled:\(localParentSampled.description),\
        localParentNotSampled:\(localParentNotSampled.description)}
        """
    }
}

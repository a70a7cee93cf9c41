// SPDX-License-Identifier: Apache-2.0

import TelemetryAPI
import TelemetryModel

/// A sampler taken apart once, so that the built-in ones cost a span one comparison and no ``SamplingRequest``.
struct SamplerPlan: Sendable {
    /// How spans with one kind of parent are decided.
    struct Slot: Sendable {
        /// Trace ids whose low half, shifted right once, lies below are kept: 0 keeps none, 2^63 all.
        let bound: UInt64

        /// Above every bound: the sampler has to be asked.
        static let askBound = UInt64.max

        var asks: Bool { bound == Self.askBound }

        init(_ sampler: any Sampler) {
            bound =
                switch sampler {
                case is AlwaysOnSampler: 1 << 63
                case is AlwaysOffSampler: 0
                case let sampler as TraceIDRatioBasedSampler where !sampler.writesThreshold: sampler.bound
                default: Self.askBound
                }
        }

        @inline(__always)
        func keeps(_ id: TraceID) -> Bool { keeps(lowHalf: id.low) }

        @inline(__always)
        func keeps(lowHalf: UInt64) -> Bool { lowHalf >> 1 < bound }
    }

    let root: Slot
    let remoteParentSampled: Slot
    let remoteParentNotSampled: Slot
    let localParentSampled: Slot
    let localParentNotSampled: Slot

    init(_ sampler: any Sampler) {
        let parentBased = sampler as? ParentBasedSampler
        root = Slot(parentBased?.root ?? sampler)
        remoteParentSampled = Slot(parentBased?.remoteParentSampled ?? sampler)
        remoteParentNotSampled = Slot(parentBased?.remoteParentNotSampled ?? sampler)
        localParentSampled = Slot(parentBased?.localParentSampled ?? sampler)
        localParentNotSampled = Slot(parentBased?.localParentNotSampled ?? sampler)
    }

    // "When this sampler observes a non-empty parent span context, meaning when it is used not as a root sampler, the
    // SDK SHOULD emit a warning". Told by how it is set up, so that no span has to look.
    /// Whether ``TraceIDRatioBasedSampler`` decides about spans that have a parent.
    var ratioDecidesChildren: Bool {
        [remoteParentSampled, remoteParentNotSampled, localParentSampled, localParentNotSampled].contains {
            $0.bound > 0 && $0.bound < 1 << 63
        }
    }

    /// Whether there is a span about which the sampler has to be asked.
    var asks: Bool {
        root.asks || remoteParentSampled.asks || remoteParentNotSampled.asks || localParentSampled.asks
            || localParentNotSampled.asks
    }

    @inline(__always)
    func slot(isRemote: Bool, isSampled: Bool) -> Slot {
        isRemote
            ? (isSampled ? remoteParentSampled : remoteParentNotSampled)
            : (isSampled ? localParentSampled : localParentNotSampled)
    }
}

// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
public import TelemetryModel

/// Makes the ids of traces and spans. Called for each span, from many threads at once; must never give an invalid id.
/// Source: OpenTelemetry specification 1.60, "Id Generators".
public protocol IDGenerator: Sendable {
    /// A new trace's id.
    func traceID() -> TraceID
    /// A new span's id.
    func spanID() -> SpanID
    /// Whether the last seven bytes of each trace id are chosen at random: then W3C's random flag is set.
    var isRandom: Bool { get }
}

extension IDGenerator {
    /// False: a generator has to say so.
    public var isRandom: Bool { false }
}

/// Random ids from a generator in user space, one per thread, seeded by the operating system (3 ns; asking the
/// operating system each time takes 800).
public struct RandomIDGenerator: IDGenerator {
    public init() {}

    public func traceID() -> TraceID {
        var unused: UInt64 = 0
        let words = ctr_random_ids(&unused)
        return TraceID(high: words.first, low: words.second)
    }

    public func spanID() -> SpanID { SpanID(value: ctr_random_id()) }

    public var isRandom: Bool { true }
}

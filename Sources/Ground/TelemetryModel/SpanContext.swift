// SPDX-License-Identifier: Apache-2.0

/// What identifies a span to the outside: ids, flags, trace state, and whether it came from another process.
///
/// Immutable for the life of the span. Source: OpenTelemetry specification 1.60, "SpanContext".
public struct SpanContext: Hashable, Sendable {
    public let traceID: TraceID
    public let spanID: SpanID
    public let traceFlags: TraceFlags
    public let traceState: TraceState
    /// True when it was extracted from a carrier, false for spans of this process.
    public let isRemote: Bool

    public init(
        traceID: TraceID, spanID: SpanID, traceFlags: TraceFlags = [], traceState: TraceState = TraceState(),
        isRemote: Bool = false
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.traceFlags = traceFlags
        self.traceState = traceState
        self.isRemote = isRemote
    }

    /// The context of no span at all.
    public static let invalid = SpanContext(traceID: .invalid, spanID: .invalid)

    /// True when both ids are non-zero.
    public var isValid: Bool { traceID.isValid && spanID.isValid }

    /// True when ``TraceFlags/sampled`` is set.
    public var isSampled: Bool { traceFlags.contains(.sampled) }
}

// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// One operation of a trace.
///
/// A small value that refers to the span: copies are the same span. Safe from many threads at once. What is called
/// after ``end(at:)``, or on a span that is not recorded, does nothing. Attributes and links given when the span is
/// started are better than those set later, since a sampler sees only the former.
///
/// There are no null values: setting nil is undefined in the specification and does nothing here. What is there but
/// empty has values of its own, from the empty string to `AttributeValue.empty`.
/// Source: OpenTelemetry specification 1.60, "Span".
public struct TelemetrySpan: Sendable {
    // Safety of sending: SpanCore is a class whose every member is safe from many threads (see SpanReference).
    //
    // A recorded span is its core. A dropped one has ids of its own right here, because nothing need be allocated
    // for it; its core, if any, is then whoever holds the trace state it passes on. Plain words: constants of other
    // modules are calls.
    @_spi(TelemetrySDK) public let reference: SpanReference?
    @usableFromInline let droppedTraceHigh: UInt64
    @usableFromInline let droppedTraceLow: UInt64
    /// Zero when the span is its core.
    @usableFromInline let droppedSpanID: UInt64
    @usableFromInline let droppedFlags: UInt8

    /// The span that `core` stands for.
    @_spi(TelemetrySDK) @inlinable @inline(__always) public init(_ core: SpanCore) {
        reference = SpanReference(core)
        droppedTraceHigh = 0
        droppedTraceLow = 0
        droppedSpanID = 0
        droppedFlags = 0
    }

    /// A span that is not recorded, with ids of its own and the trace state of `traceStateHolder`.
    @_spi(TelemetrySDK) @inlinable @inline(__always) public init(
        droppedTraceHigh: UInt64, traceLow: UInt64, spanID: UInt64, flags: UInt8,
        traceStateOf traceStateHolder: SpanCore?
    ) {
        if let traceStateHolder { reference = SpanReference(traceStateHolder) } else { reference = nil }
        self.droppedTraceHigh = droppedTraceHigh
        self.droppedTraceLow = traceLow
        self.droppedSpanID = spanID
        self.droppedFlags = flags
    }

    private init() {
        reference = nil
        droppedTraceHigh = 0
        droppedTraceLow = 0
        droppedSpanID = 0
        droppedFlags = 0
    }

    /// A span that records nothing and belongs to no trace.
    public static var invalid: TelemetrySpan { TelemetrySpan() }

    /// A span that records nothing and passes `context` on.
    public init(carrying context: SpanContext) { self.init(SpanCore.carrying(context)) }

    /// What records, nil for a dropped span.
    @_spi(TelemetrySDK) @inline(__always) public var core: SpanCore? {
        droppedSpanID == 0 ? reference?.core : nil
    }

    /// What identifies the span to the outside; the same for its whole life.
    public var context: SpanContext {
        guard droppedSpanID != 0 else { return reference?.core.context ?? .invalid }
        return SpanContext(
            traceID: TraceID(high: droppedTraceHigh, low: droppedTraceLow),
            spanID: SpanID(value: droppedSpanID),
            traceFlags: TraceFlags(rawValue: droppedFlags),
            traceState: reference?.core.traceState ?? TraceState())
    }

    /// Whether anybody takes what is recorded: worth asking before something costly is computed for it.
    public var isRecording: Bool { core?.isRecording ?? false }

    /// Says that the span is not current any more on this thread.
    func giveBackContext() {
        if droppedSpanID != 0 { return ThreadContexts.giveBack(droppedSpanID, forget: false) }
        if let core = reference?.core { core.giveBackContext() }
    }

    /// What a context holds for this span.
    var coreForContext: SpanCore? {
        guard droppedSpanID != 0 else { return reference?.core }
        return SpanCore.carrying(context)
    }
}

/// One word, so that it sits inline in a context's storage.
@_spi(TelemetrySDK) public struct SpanReference: @unchecked Sendable {
    // Safety: every member of SpanCore is required to be safe from many threads; its context never changes.
    public let core: SpanCore

    @inlinable @inline(__always) public init(_ core: SpanCore) { self.core = core }
}

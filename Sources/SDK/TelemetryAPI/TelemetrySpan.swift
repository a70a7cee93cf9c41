// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// One operation of a trace.
///
/// A small value that refers to the span: copies are the same span. Safe from many threads at once. What is called
/// after ``end(at:)``, or on a span that is not recorded, does nothing. Attributes and links given when the span is
/// started are better than those set later, since a sampler sees only the former.
/// Source: OpenTelemetry specification 1.60, "Span".
public struct TelemetrySpan: Sendable {
    // Safety of sending: SpanCore is a class whose every member is safe from many threads (see SpanReference).
    //
    // A recorded span is its core. A dropped one has ids of its own right here, because nothing need be allocated
    // for it; its core, if any, is then whoever holds the trace state it passes on.
    let reference: SpanReference?
    let droppedTraceID: TraceID
    let droppedSpanID: SpanID
    let droppedFlags: TraceFlags

    /// The span that `core` stands for.
    @_spi(TelemetrySDK) public init(_ core: SpanCore) {
        reference = SpanReference(core)
        droppedTraceID = .invalid
        droppedSpanID = .invalid
        droppedFlags = []
    }

    /// A span that is not recorded, with ids of its own and the trace state of `traceStateHolder`.
    @_spi(TelemetrySDK) public init(
        droppedTraceID: TraceID, spanID: SpanID, flags: TraceFlags, traceStateOf traceStateHolder: SpanCore?
    ) {
        reference = traceStateHolder.map(SpanReference.init)
        self.droppedTraceID = droppedTraceID
        droppedSpanID = spanID
        droppedFlags = flags
    }

    private init() {
        reference = nil
        droppedTraceID = .invalid
        droppedSpanID = .invalid
        droppedFlags = []
    }

    /// A span that records nothing and belongs to no trace.
    public static let invalid = TelemetrySpan()

    /// A span that records nothing and passes `context` on.
    public init(carrying context: SpanContext) { self.init(SpanCore.carrying(context)) }

    /// What records, nil for a dropped span.
    @_spi(TelemetrySDK) @inline(__always) public var core: SpanCore? {
        droppedSpanID.isValid ? nil : reference?.core
    }

    /// What identifies the span to the outside; the same for its whole life.
    public var context: SpanContext {
        guard droppedSpanID.isValid else { return reference?.core.header ?? .invalid }
        return SpanContext(
            traceID: droppedTraceID, spanID: droppedSpanID, traceFlags: droppedFlags,
            traceState: reference?.core.header.traceState ?? TraceState())
    }

    /// Whether anybody takes what is recorded: worth asking before something costly is computed for it.
    public var isRecording: Bool { core?.isRecording ?? false }

    /// What a context holds for this span.
    var referenceForContext: SpanReference? {
        guard droppedSpanID.isValid else { return reference }
        return SpanReference(SpanCore.carrying(context))
    }
}

/// One word, so that it sits inline in a context's storage.
struct SpanReference: @unchecked Sendable {
    // Safety: every member of SpanCore is required to be safe from many threads; its context never changes.
    let core: SpanCore

    init(_ core: SpanCore) { self.core = core }
}

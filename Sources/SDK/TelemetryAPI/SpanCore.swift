// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// A span context in plain words: nothing to count or destroy unless there is a trace state.
@_spi(TelemetrySDK) public struct SpanIdentity {
    public var traceHigh: UInt64
    public var traceLow: UInt64
    public var spanID: UInt64
    /// W3C flags.
    public var flags: UInt8
    public var isRemote: Bool
    /// Whether a thread may keep a context of the span, to make another span's of it. Atomic; never taken back.
    public var isInThreadContexts = false
    /// Owned by the span; nil for an empty one.
    var traceState: UnsafeMutablePointer<TraceState>?

    /// An identity with an empty trace state.
    @inline(__always)
    public init(traceHigh: UInt64, traceLow: UInt64, spanID: UInt64, flags: UInt8) {
        self.traceHigh = traceHigh
        self.traceLow = traceLow
        self.spanID = spanID
        self.flags = flags
        isRemote = false
        traceState = nil
    }

    init(_ context: SpanContext) {
        self.init(
            traceHigh: context.traceID.high, traceLow: context.traceID.low, spanID: context.spanID.value,
            flags: context.traceFlags.rawValue)
        isRemote = context.isRemote
        set(context.traceState)
    }

    /// Whether there is a trace state.
    @inline(__always)
    public var hasTraceState: Bool { traceState != nil }

    /// For a new span only, whose trace state is empty yet.
    public mutating func set(_ new: TraceState) {
        guard !new.isEmpty else { return }
        let memory = UnsafeMutablePointer<TraceState>.allocate(capacity: 1)
        memory.initialize(to: new)
        traceState = memory
    }
}

/// The side of a span that an SDK implements; this class itself is a span that records nothing and only carries its
/// context: one extracted from a carrier, or one that was not sampled.
///
/// A managed buffer, so that an SDK can keep the span's state in the same allocation, behind a raw pointer: stored
/// properties of a class would cost one exclusivity check for each access.
@_spi(TelemetrySDK) open class SpanCore: ManagedBuffer<SpanIdentity, UInt64> {
    /// Makes a span that only carries `context`.
    public static func carrying(_ context: SpanContext) -> SpanCore {
        carrying(SpanIdentity(context))
    }

    /// Makes a span that only carries what `identity` says, and owns its trace state.
    public static func carrying(_ identity: SpanIdentity) -> SpanCore {
        // Safety: create makes an instance of the class it is called on.
        unsafeDowncast(SpanCore.create(minimumCapacity: 0) { _ in identity }, to: SpanCore.self)
    }

    /// What identifies the span; never changes. A property of this type costs a check of exclusive access.
    @inline(__always)
    final var identity: UnsafeMutablePointer<SpanIdentity> { withUnsafeMutablePointerToHeader { $0 } }

    /// What identifies the span to the outside.
    public final var context: SpanContext {
        let identity = identity.pointee
        return SpanContext(
            traceID: TraceID(high: identity.traceHigh, low: identity.traceLow),
            spanID: SpanID(value: identity.spanID), traceFlags: TraceFlags(rawValue: identity.flags),
            traceState: traceState, isRemote: identity.isRemote)
    }

    /// Empty for most spans.
    public final var traceState: TraceState { identity.pointee.traceState?.pointee ?? TraceState() }

    deinit {
        if let traceState = identity.pointee.traceState {
            traceState.deinitialize(count: 1)
            traceState.deallocate()
        }
    }

    /// True from start to end of a span whose data somebody takes.
    open var isRecording: Bool { false }

    /// Whether the span keeps more memory than most after its end.
    open var isLarge: Bool { false }

    // Times are nanoseconds since 1970 (UTC), nil for now. All of these do nothing once the span has ended.
    open func set(_ key: String, string value: String) {}
    open func set(_ key: String, int value: Int64) {}
    open func set(_ key: String, double value: Double) {}
    open func set(_ key: String, bool value: Bool) {}
    open func set(_ key: String, value: AttributeValue) {}
    open func attribute(_ key: String) -> AttributeValue? { nil }
    open func addEvent(_ name: String, attributes: Attributes, at time: UInt64?) {}
    open func addLink(to context: SpanContext, attributes: Attributes) {}
    open func recordError(_ error: any Error, attributes: Attributes, at time: UInt64?) {}
    open func setStatus(_ status: SpanStatus) {}
    open func updateName(_ name: String) {}
    open func end(at time: UInt64?) {}
}

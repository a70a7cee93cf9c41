// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// The side of a span that an SDK implements; this class itself is a span that records nothing and only carries its
/// context: one extracted from a carrier, or one that was not sampled.
///
/// A managed buffer, so that an SDK can keep the span's state in the same allocation, behind a raw pointer: stored
/// properties of a class would cost one exclusivity check for each access.
@_spi(TelemetrySDK) open class SpanCore: ManagedBuffer<SpanContext, UInt64> {
    /// Makes a span that only carries `context`.
    public static func carrying(_ context: SpanContext) -> SpanCore {
        // Safety: create makes an instance of the class it is called on.
        unsafeDowncast(SpanCore.create(minimumCapacity: 0) { _ in context }, to: SpanCore.self)
    }

    /// True from start to end of a span whose data somebody takes.
    open var isRecording: Bool { false }

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

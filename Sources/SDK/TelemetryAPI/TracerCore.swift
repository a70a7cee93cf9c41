// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryModel

/// The side of a tracer that an SDK implements; this class itself is the tracer of a program without SDK.
///
/// Tracers are never freed: handles refer to them without counting, because a reference count is one word that all
/// threads would write for each span. There is one per provider and scope. A subclass keeps itself alive.
@_spi(TelemetrySDK) open class TracerCore: @unchecked Sendable {
    // Safety: no stored state here; subclasses must be safe from many threads.
    public init() {}

    /// False when a span started now would not be recorded whatever it is.
    open var isEnabled: Bool { false }

    /// Starts a span below `context` (nil: the current one), or a root.
    open func startSpan(
        _ name: String, kind: SpanKind, context: ServiceContext?, isRoot: Bool, attributes: Attributes,
        links: [TelemetryLink], at time: UInt64?
    ) -> TelemetrySpan {
        // OpenTelemetry 1.60, "Behavior of the API in the absence of an installed SDK": "it MUST return a
        // non-recording Span with the SpanContext in the parent Context"
        guard !isRoot, let parent = (context ?? ServiceContext.current)?.spanCore else { return .invalid }
        return TelemetrySpan(parent.isRecording ? .carrying(parent.context) : parent)
    }
}

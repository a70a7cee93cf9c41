// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel
public import Tracing

/// A span of ``ContrailTracer``. One word; copies are the same span.
public struct ContrailSpan: Tracing.Span, @unchecked Sendable {
    // Safety: SpanCore and its subclasses are safe from many threads.
    private let core: SpanCore

    init(_ core: SpanCore) { self.core = core }

    @inline(__always)
    private var recording: RecordingSpan? {
        type(of: core) == RecordingSpan.self ? unsafeDowncast(core, to: RecordingSpan.self) : nil
    }

    /// The context that the span started in, with the span as the current one. Made anew each time.
    public var context: ServiceContext {
        if let recording {
            let state = recording.state
            let context =
                state.pointee.hasServiceContext
                ? SpanState.serviceContext(state).pointee : ServiceContext.topLevel
            return context.with(spanCore: recording)
        }
        guard let dropped = core as? DroppedSpan else { return .topLevel }
        let context = dropped.serviceContext
        return dropped.identity.pointee.spanID == 0 ? context : context.with(spanCore: dropped)
    }

    public var isRecording: Bool { core.isRecording }

    public var operationName: String {
        get { recording?.locked { $0.name } ?? "" }
        nonmutating set { core.updateName(newValue) }
    }

    public func setStatus(_ status: Tracing.SpanStatus) {
        recording?.setStatus(status)
    }

    public func addEvent(_ event: Tracing.SpanEvent) {
        guard let recording else { return }
        let time = recording.state.pointee.tracer.provider.unixNano(event.nanosecondsSinceEpoch)
        recording.addEvent(
            event.name, attributes: event.attributes.isEmpty ? Attributes() : Attributes(event.attributes),
            at: time)
    }

    public func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        guard let recording, recording.isRecording else { return }
        recording.recordError(
            error, attributes: Attributes(attributes),
            at: recording.state.pointee.tracer.provider.unixNano(of: instant()))
    }

    /// A link to the span of the link's context; ignored when there is none.
    public func addLink(_ link: Tracing.SpanLink) {
        guard let recording, let context = link.context.spanContext else { return }
        recording.addLink(to: context, attributes: Attributes(link.attributes))
    }

    /// Attributes as swift-distributed-tracing has them. Set single ones: a whole dictionary taken out and put back,
    /// as `updateAttributes` does, is copied.
    public var attributes: SpanAttributes {
        get { recording?.bridgedAttributes ?? [:] }
        nonmutating set { recording?.bridgedAttributes = newValue }
        // Only a pointer lives across the yield: anything more makes the compiler allocate the frame.
        @inline(__always) nonmutating _modify {
            let borrowed = beginAttributes()
            yield &borrowed.pointee
            endAttributes(borrowed)
        }
    }

    @inline(never)
    private func beginAttributes() -> UnsafeMutablePointer<SpanAttributes> {
        recording?.borrowAttributes() ?? .newAttributes()
    }

    @inline(never)
    private func endAttributes(_ borrowed: UnsafeMutablePointer<SpanAttributes>) {
        if let recording { return recording.giveBackAttributes(borrowed) }
        borrowed.deinitialize(count: 1)
        borrowed.deallocate()
    }

    @_specialize(where Instant == DefaultTracerClock.Timestamp)
    public func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        if let recording {
            let state = recording.state
            let time = state.pointee.tracer.provider.unixNano(of: instant())
            // The caller's clock may have been set back since the start.
            recording.finish(at: max(time, state.pointee.startUnixNano))
        }
        if ctr_load_flag(&core.identity.pointee.isInThreadContexts) { core.giveBackContext() }
    }
}

extension RecordingSpan {
    fileprivate func setStatus(_ status: Tracing.SpanStatus) {
        switch status.code {
        case .ok: setStatus(TelemetryModel.SpanStatus(code: .ok))
        case .error:
            // `withSpan` sets an error without message for each error that leaves it: what was said before is kept.
            let message = status.message ?? locked { $0.statusMessage?.pointee ?? "" }
            setStatus(TelemetryModel.SpanStatus(code: .error, message: message))
        }
    }
}

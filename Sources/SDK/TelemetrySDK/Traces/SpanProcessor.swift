// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryAPI

/// Sees spans start and end. Called on the thread that starts or ends the span, in the order of registration, from
/// many threads at once: must return quickly, never throw, never block.
/// Source: OpenTelemetry specification 1.60, "Span processor".
public protocol SpanProcessor: Sendable {
    /// A recorded span has started; it may be changed, and kept.
    func onStart(_ span: TelemetrySpan, parentContext: ServiceContext)

    /// A span is about to end: its end time is fixed, and only this call may still change it.
    func onEnding(_ span: TelemetrySpan)

    /// A recorded span has ended. Whether it is to be exported says ``FinishedSpan/isSampled``.
    func onEnd(_ span: FinishedSpan)

    /// Returns when everything that ended before has been passed on, or the time is over.
    func forceFlush(timeout: Duration) async -> FlushReport

    /// Flushes and ends; what comes later is ignored.
    func shutdown(timeout: Duration) async -> FlushReport
}

extension SpanProcessor {
    public func onStart(_ span: TelemetrySpan, parentContext: ServiceContext) {}
    public func onEnding(_ span: TelemetrySpan) {}
    public func onEnd(_ span: FinishedSpan) {}
    public func forceFlush(timeout: Duration) async -> FlushReport { FlushReport(.completed) }
    public func shutdown(timeout: Duration) async -> FlushReport { FlushReport(.completed) }
}

/// What became of a flush or shutdown.
public struct FlushReport: Hashable, Sendable {
    /// From best to worst.
    public enum Outcome: Int, Hashable, Sendable, CaseIterable, Comparable {
        /// All that had ended before was delivered, or its loss counted earlier.
        case completed
        /// Nothing to do: it had been shut down before, and that is over. What was lost, the first call said.
        case alreadyShutDown
        /// An exporter refused some of it.
        case failed
        /// Time ran out.
        case timedOut

        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    public var outcome: Outcome
    /// Spans that were not delivered: refused, or still waiting when time ran out. After a shutdown they are lost.
    public var undelivered: Int

    public init(_ outcome: Outcome, undelivered: Int = 0) {
        self.outcome = outcome
        self.undelivered = undelivered
    }

    /// Both together: the worse outcome, the sum of what was not delivered.
    func merging(_ other: FlushReport) -> FlushReport {
        FlushReport(max(outcome, other.outcome), undelivered: undelivered + other.undelivered)
    }
}

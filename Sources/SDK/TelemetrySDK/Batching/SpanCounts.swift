// SPDX-License-Identifier: Apache-2.0

/// Why a span was lost. Raw values may label a metric.
public enum SpanDropReason: String, Hashable, Sendable, CaseIterable {
    /// More spans ended than could be sent.
    case queueFull = "queue_full"
    /// It ended after the shutdown, or was still waiting when the shutdown's time was over.
    case shutDown = "shut_down"
    /// It alone has more bytes than a batch may have.
    case tooLarge = "too_large"
    /// The exporter failed.
    case exportFailed = "export_failed"
    /// The exporter took longer than allowed.
    case exportTimeout = "export_timeout"
    /// The receiver took the batch without it (OTLP's partial success).
    case rejected
}

/// What became of the spans that were offered to a processor:
/// `created == delivered + dropped + queued + inFlight`, at any moment.
public struct SpanCounts: Hashable, Sendable {
    /// Sampled spans that have ended.
    public var created = 0
    /// Taken by the exporter.
    public var delivered = 0
    /// Waiting.
    public var queued = 0
    /// In the batch that is being exported.
    public var inFlight = 0
    /// Lost, by reason.
    public var droppedByReason: [SpanDropReason: Int] = [:]

    public init() {}

    /// Lost for whatever reason.
    public var dropped: Int { droppedByReason.values.reduce(0, +) }
}

extension SpanCounts {
    /// Both together.
    public static func + (left: SpanCounts, right: SpanCounts) -> SpanCounts {
        var sum = left
        sum.created += right.created
        sum.delivered += right.delivered
        sum.queued += right.queued
        sum.inFlight += right.inFlight
        sum.droppedByReason.merge(right.droppedByReason) { $0 + $1 }
        return sum
    }
}

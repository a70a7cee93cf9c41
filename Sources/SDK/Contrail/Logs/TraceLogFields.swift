// SPDX-License-Identifier: Apache-2.0

public import Logging
import ServiceContextModule
import Synchronization
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel

extension Logger.MetadataProvider {
    /// Gives every log line inside a span `trace_id` and `span_id`, whatever handler writes it.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .contrail)
    /// ```
    /// Lines outside any span stay as they are. The flags of the trace are left to Contrail's own handlers: most
    /// handlers merge what they get here into a dictionary of their own, which each field makes dearer.
    /// Source: OpenTelemetry specification 1.60, "Trace Context in non-OTLP Log Formats".
    public static let contrail = Logger.MetadataProvider { TraceLogFields.currentIDs }
}

/// The ids of the current span as log lines carry them.
enum TraceLogFields {
    static let traceID = "trace_id"
    static let spanID = "span_id"
    static let traceFlags = "trace_flags"

    private static let cache = TraceMetadataCache()

    /// Trace id and span id as metadata; empty outside any span.
    static var currentIDs: Logger.Metadata {
        guard let context = ServiceContext.current, let span = context.spanCore else { return [:] }
        return cache.metadata(of: span)
    }

    /// Nil outside any span.
    static var current: SpanContext? {
        guard let context = ServiceContext.current, let span = context.spanContext, span.isValid else {
            return nil
        }
        return span
    }

    static func isName(_ key: String) -> Bool { key == traceID || key == spanID || key == traceFlags }
}

/// The metadata of the spans that were last logged in: building it costs a dictionary and two strings, and a
/// span with one line often has several.
final class TraceMetadataCache: Sendable {
    private struct Entry {
        let traceHigh: UInt64
        let traceLow: UInt64
        let spanID: UInt64
        let metadata: Logger.Metadata
    }

    private final class Slot: Sendable {
        let entry = Mutex<Entry?>(nil)
    }

    /// Spans that are remembered at once, a power of two: each slot has its own lock, so that threads seldom
    /// meet.
    private static let slotCount = 64

    private let slots = (0..<slotCount).map { _ in Slot() }

    // OpenTelemetry 1.60, "Trace Context in non-OTLP Log Formats": "All 3 fields are optional".
    /// Ids of `span`; none when it is not valid.
    func metadata(of span: SpanCore) -> Logger.Metadata {
        span.withUnsafeMutablePointerToHeader { identity in
            let (traceHigh, traceLow) = (identity.pointee.traceHigh, identity.pointee.traceLow)
            let spanID = identity.pointee.spanID
            guard spanID != 0, traceHigh | traceLow != 0 else { return [:] }
            return slots[Int(truncatingIfNeeded: spanID) & (Self.slotCount - 1)].entry.withLock { entry in
                if let entry, entry.spanID == spanID, entry.traceLow == traceLow, entry.traceHigh == traceHigh
                {
                    return entry.metadata
                }
                let metadata: Logger.Metadata = [
                    TraceLogFields.traceID: .string(TraceID(high: traceHigh, low: traceLow).hex),
                    TraceLogFields.spanID: .string(SpanID(value: spanID).hex),
                ]
                entry = Entry(traceHigh: traceHigh, traceLow: traceLow, spanID: spanID, metadata: metadata)
                return metadata
            }
        }
    }
}

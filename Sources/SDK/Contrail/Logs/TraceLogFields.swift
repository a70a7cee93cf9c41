// SPDX-License-Identifier: Apache-2.0

public import Logging
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel

extension Logger.MetadataProvider {
    /// Gives every log line inside a span `trace_id`, `span_id` and `trace_flags`, whatever handler writes
    /// it.
    ///
    /// ```swift
    /// LoggingSystem.bootstrap(StreamLogHandler.standardError, metadataProvider: .contrail)
    /// ```
    /// Lines outside any span stay as they are.
    /// Source: OpenTelemetry specification 1.60, "Trace Context in non-OTLP Log Formats".
    public static let contrail = Logger.MetadataProvider {
        guard let span = ServiceContext.current?.spanContext, span.isValid else { return [:] }
        return TraceLogFields.cache.metadata(of: span)
    }
}

/// The ids of the current span as log lines carry them.
enum TraceLogFields {
    static let traceID = "trace_id"
    static let spanID = "span_id"
    static let traceFlags = "trace_flags"

    static let cache = TraceMetadataCache()

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
        let span: SpanID
        let trace: TraceID
        let flags: TraceFlags
        let metadata: Logger.Metadata
    }

    private final class Slot: Sendable {
        let entry = Mutex<Entry?>(nil)
    }

    /// Spans that are remembered at once, a power of two: each slot has its own lock, so that threads seldom
    /// meet.
    private static let slotCount = 64

    private let slots = (0..<slotCount).map { _ in Slot() }

    func metadata(of span: SpanContext) -> Logger.Metadata {
        slots[Int(truncatingIfNeeded: span.spanID.value) & (Self.slotCount - 1)].entry.withLock { entry in
            if let entry, entry.span == span.spanID, entry.trace == span.traceID,
                entry.flags == span.traceFlags
            {
                return entry.metadata
            }
            let metadata: Logger.Metadata = [
                TraceLogFields.traceID: .string(span.traceID.hex),
                TraceLogFields.spanID: .string(span.spanID.hex),
                TraceLogFields.traceFlags: .string(span.traceFlags.hex),
            ]
            entry = Entry(
                span: span.spanID, trace: span.traceID, flags: span.traceFlags, metadata: metadata)
            return metadata
        }
    }
}

extension TraceFlags {
    /// Two lower-case hexadecimal digits.
    var hex: String { (rawValue < 16 ? "0" : "") + String(rawValue, radix: 16) }
}

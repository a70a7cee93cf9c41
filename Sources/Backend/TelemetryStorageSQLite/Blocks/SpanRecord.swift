// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// What a span has beyond its row, operation and origin. The attributes stand first, so that a search reads
/// them alone.
enum SpanRecord {
    static func write(_ span: SpanData, to out: inout ByteWriter) {
        out.attributes(span.attributes)
        out.varint(span.droppedAttributesCount)
        out.varint(span.flags)
        out.text(span.traceState)
        out.text(span.status.message)
        // One byte says that there are neither events nor links, as for most spans.
        let hasMore = !span.events.isEmpty || !span.links.isEmpty
        out.byte(hasMore || span.droppedEventsCount > 0 || span.droppedLinksCount > 0 ? 1 : 0)
        guard hasMore || span.droppedEventsCount > 0 || span.droppedLinksCount > 0 else { return }
        out.varint(span.events.count)
        for event in span.events {
            // Events lie near the start of their span; wrapping keeps every other value exact too.
            out.zigzag(Int64(bitPattern: event.timeUnixNano &- span.startTimeUnixNano))
            out.text(event.name)
            out.attributes(event.attributes)
            out.varint(event.droppedAttributesCount)
        }
        out.varint(span.droppedEventsCount)
        out.varint(span.links.count)
        for link in span.links {
            out.fixed64(link.traceID.high)
            out.fixed64(link.traceID.low)
            out.fixed64(link.spanID.value)
            out.text(link.traceState)
            out.attributes(link.attributes)
            out.varint(link.droppedAttributesCount)
            out.varint(link.flags)
        }
        out.varint(span.droppedLinksCount)
    }

    /// Puts together a span from its row and the record at which `input` stands.
    static func span(
        of row: SpanRow, in trace: TraceID, operation: OperationKey, from input: inout ByteReader
    ) throws(StorageError) -> SpanData {
        var span = SpanData(
            traceID: trace, spanID: SpanID(value: row.spanID),
            parentSpanID: row.parentSpanID == 0 ? nil : SpanID(value: row.parentSpanID),
            name: operation.name.text, kind: operation.kind,
            startTimeUnixNano: row.start, endTimeUnixNano: row.end)
        span.attributes = try input.attributes()
        span.droppedAttributesCount = try input.varint32()
        span.flags = try input.varint32()
        span.traceState = try input.text()
        span.status = SpanStatus(code: row.status, message: try input.text())
        guard try input.byte() != 0 else { return span }
        for _ in 0..<(try input.count()) {
            span.events.append(try event(from: &input, start: row.start))
        }
        span.droppedEventsCount = try input.varint32()
        for _ in 0..<(try input.count()) {
            span.links.append(try link(from: &input))
        }
        span.droppedLinksCount = try input.varint32()
        return span
    }

    private static func event(
        from input: inout ByteReader, start: UInt64
    ) throws(StorageError) -> SpanEvent {
        SpanEvent(
            timeUnixNano: start &+ UInt64(bitPattern: try input.zigzag()), name: try input.text(),
            attributes: try input.attributes(), droppedAttributesCount: try input.varint32())
    }

    private static func link(from input: inout ByteReader) throws(StorageError) -> SpanLink {
        SpanLink(
            traceID: TraceID(high: try input.fixed64(), low: try input.fixed64()),
            spanID: SpanID(value: try input.fixed64()), traceState: try input.text(),
            attributes: try input.attributes(), droppedAttributesCount: try input.varint32(),
            flags: try input.varint32())
    }
}

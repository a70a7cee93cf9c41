// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel

/// A finished span as the bytes of OTLP's `Span`. Source: OTLP 1.11.0, `trace.proto`.
enum SpanEncoding {
    @inline(__always)
    static func putTraceID(_ field: UInt32, _ id: TraceID, at cursor: inout UnsafeMutableRawPointer) {
        ProtobufBytes.putTag(field, .lengthDelimited, at: &cursor)
        ProtobufBytes.putByte(16, at: &cursor)
        ProtobufBytes.putFixed64(id.high.byteSwapped, at: &cursor)
        ProtobufBytes.putFixed64(id.low.byteSwapped, at: &cursor)
    }

    @inline(__always)
    static func putSpanID(_ field: UInt32, _ id: UInt64, at cursor: inout UnsafeMutableRawPointer) {
        ProtobufBytes.putTag(field, .lengthDelimited, at: &cursor)
        ProtobufBytes.putByte(8, at: &cursor)
        ProtobufBytes.putFixed64(id.byteSwapped, at: &cursor)
    }

    /// OTLP 1.11.0, `SpanFlags`: bits 0–7 the trace flags, 0x100 "it is known whether", 0x200 "the context is remote".
    @inline(__always)
    static func flags(_ flags: TraceFlags, isRemote: Bool) -> UInt32 {
        UInt32(flags.rawValue) | 0x100 | (isRemote ? 0x200 : 0)
    }

    /// Bytes that ``encode(_:_:traceState:at:)`` writes.
    @inline(__always)
    static func size(_ state: borrowing SpanState, traceState: String) -> Int {
        // Both ids 28, kind 2, both times 18, flags 6.
        var size = 54 + ProtobufBytes.lengthDelimitedSize(5, count: state.name.utf8.count) + state.fieldsUsed
        if state.parentSpanID != 0 { size += 10 }
        if !traceState.isEmpty { size += ProtobufBytes.lengthDelimitedSize(3, count: traceState.utf8.count) }
        if state.droppedAttributes | state.droppedEvents | state.droppedLinks != 0 {
            size += countSize(state.droppedAttributes) + countSize(state.droppedEvents)
            size += countSize(state.droppedLinks)
        }
        if state.statusCode != .unset {
            size += ProtobufBytes.lengthDelimitedSize(15, count: statusSize(state))
        }
        return size
    }

    private static func countSize(_ count: UInt32) -> Int {
        count == 0 ? 0 : 1 + ProtobufBytes.varintSize(UInt64(count))
    }

    private static func statusSize(_ state: borrowing SpanState) -> Int {
        let message = state.statusMessage.utf8.count
        return 2 + (message == 0 ? 0 : ProtobufBytes.lengthDelimitedSize(2, count: message))
    }

    @inline(__always)
    static func encode(
        _ state: borrowing SpanState, _ context: SpanContext, traceState: String,
        at cursor: inout UnsafeMutableRawPointer
    ) {
        putTraceID(1, context.traceID, at: &cursor)
        putSpanID(2, context.spanID.value, at: &cursor)
        if !traceState.isEmpty { ProtobufBytes.putString(3, traceState, at: &cursor) }
        if state.parentSpanID != 0 { putSpanID(4, state.parentSpanID, at: &cursor) }
        ProtobufBytes.putString(5, state.name, at: &cursor)
        ProtobufBytes.putTag(6, .varint, at: &cursor)
        ProtobufBytes.putByte(UInt8(truncatingIfNeeded: state.kind.rawValue), at: &cursor)
        ProtobufBytes.putTag(7, .fixed64, at: &cursor)
        ProtobufBytes.putFixed64(state.startUnixNano, at: &cursor)
        ProtobufBytes.putTag(8, .fixed64, at: &cursor)
        ProtobufBytes.putFixed64(state.endUnixNano, at: &cursor)
        ProtobufBytes.putBytes(
            UnsafeRawBufferPointer(start: state.fields, count: state.fieldsUsed), at: &cursor)
        if state.droppedAttributes | state.droppedEvents | state.droppedLinks != 0 {
            putCount(10, state.droppedAttributes, at: &cursor)
            putCount(12, state.droppedEvents, at: &cursor)
            putCount(14, state.droppedLinks, at: &cursor)
        }
        if state.statusCode != .unset { putStatus(state, at: &cursor) }
        ProtobufBytes.putTag(16, .fixed32, at: &cursor)
        ProtobufBytes.putFixed32(flags(context.traceFlags, isRemote: state.parentIsRemote), at: &cursor)
    }

    private static func putCount(_ field: UInt32, _ count: UInt32, at cursor: inout UnsafeMutableRawPointer) {
        guard count > 0 else { return }
        ProtobufBytes.putTag(field, .varint, at: &cursor)
        ProtobufBytes.putVarint(UInt64(count), at: &cursor)
    }

    private static func putStatus(_ state: borrowing SpanState, at cursor: inout UnsafeMutableRawPointer) {
        ProtobufBytes.putTag(15, .lengthDelimited, at: &cursor)
        ProtobufBytes.putVarint(UInt64(statusSize(state)), at: &cursor)
        if !state.statusMessage.isEmpty { ProtobufBytes.putString(2, state.statusMessage, at: &cursor) }
        ProtobufBytes.putTag(3, .varint, at: &cursor)
        ProtobufBytes.putByte(UInt8(truncatingIfNeeded: state.statusCode.rawValue), at: &cursor)
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// What is written at the end of a span. Source: OTLP 1.11.0, `trace.proto`.
enum SpanEncoding {
    /// Bytes of the whole span, ``SpanState`` having ended.
    @inline(__always)
    static func size(_ state: UnsafeMutablePointer<SpanState>) -> Int {
        let size = state.pointee.fieldsUsed &+ 9
        if state.pointee.statusCode == 0, !state.pointee.hasDropped { return size }
        return size &+ rareSize(state)
    }

    /// Writes the whole span.
    @inline(__always)
    static func encode(_ state: UnsafeMutablePointer<SpanState>, at bytes: inout SpanBytes) {
        bytes.put(UnsafeRawBufferPointer(start: state.pointee.fields, count: state.pointee.fieldsUsed))
        bytes.put(SpanTag.endTime)
        bytes.putFixed64(state.pointee.endUnixNano)
        if state.pointee.statusCode != 0 || state.pointee.hasDropped { bytes = putRare(state, bytes) }
    }

    @inline(never)
    private static func rareSize(_ state: UnsafeMutablePointer<SpanState>) -> Int {
        func size(_ count: UInt32) -> Int { count == 0 ? 0 : 1 + SpanBytes.varintSize(UInt64(count)) }
        let counts =
            size(state.pointee.droppedAttributes) + size(state.pointee.droppedEvents)
            + size(state.pointee.droppedLinks)
        return counts + (state.pointee.statusCode == 0 ? 0 : SpanBytes.fieldSize(statusSize(state)))
    }

    private static func statusSize(_ state: UnsafeMutablePointer<SpanState>) -> Int {
        let message = state.pointee.statusMessage?.pointee.utf8.count ?? 0
        return 2 + (message == 0 ? 0 : SpanBytes.fieldSize(message))
    }

    @inline(never)
    private static func putRare(_ state: UnsafeMutablePointer<SpanState>, _ bytes: SpanBytes) -> SpanBytes {
        var bytes = bytes
        let counts = [
            (SpanTag.droppedAttributes, state.pointee.droppedAttributes),
            (SpanTag.droppedEvents, state.pointee.droppedEvents),
            (SpanTag.droppedLinks, state.pointee.droppedLinks),
        ]
        for (tag, count) in counts where count > 0 {
            bytes.put(tag)
            bytes.putVarint(UInt64(count))
        }
        guard state.pointee.statusCode != 0 else { return bytes }
        bytes.put(SpanTag.status)
        bytes.putVarint(statusSize(state))
        if let message = state.pointee.statusMessage?.pointee, !message.isEmpty {
            bytes.putField(SpanTag.Status.message, message)
        }
        bytes.put(SpanTag.Status.code)
        bytes.put(state.pointee.statusCode)
        return bytes
    }
}

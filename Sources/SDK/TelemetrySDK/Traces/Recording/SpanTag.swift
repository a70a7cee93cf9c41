// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// The tags of OTLP's `Span` and the messages within: field number times eight plus layout (0 varint, 1 eight bytes,
/// 2 with a length, 5 four bytes). Source: OTLP 1.11.0, `trace.proto`, `common.proto`.
enum SpanTag {
    /// Field 1, and the id's length.
    static let traceIDWithSize: UInt16 = 0x100a
    /// Field 2, and the id's length.
    static let spanIDWithSize: UInt16 = 0x0812
    static let traceState: UInt8 = 3 << 3 | 2
    /// Field 4, and the id's length.
    static let parentSpanIDWithSize: UInt16 = 0x0822
    static let name: UInt8 = 5 << 3 | 2
    static let kind: UInt8 = 6 << 3 | 0
    static let startTime: UInt8 = 7 << 3 | 1
    static let endTime: UInt8 = 8 << 3 | 1
    static let attributes: UInt8 = 9 << 3 | 2
    static let droppedAttributes: UInt8 = 10 << 3 | 0
    static let events: UInt8 = 11 << 3 | 2
    static let droppedEvents: UInt8 = 12 << 3 | 0
    static let links: UInt8 = 13 << 3 | 2
    static let droppedLinks: UInt8 = 14 << 3 | 0
    static let status: UInt8 = 15 << 3 | 2
    /// Field 16, two bytes.
    static let flags: UInt16 = 0x0185

    enum Event {
        static let time: UInt8 = 1 << 3 | 1
        static let name: UInt8 = 2 << 3 | 2
        static let attributes: UInt8 = 3 << 3 | 2
        static let droppedAttributes: UInt8 = 4 << 3 | 0
    }

    enum Link {
        static let attributes: UInt8 = 4 << 3 | 2
        static let droppedAttributes: UInt8 = 5 << 3 | 0
        static let flags: UInt8 = 6 << 3 | 5
    }

    enum Status {
        static let message: UInt8 = 2 << 3 | 2
        static let code: UInt8 = 3 << 3 | 0
    }

    enum KeyValue {
        static let key: UInt8 = 1 << 3 | 2
        static let value: UInt8 = 2 << 3 | 2
    }

    enum Value {
        static let string: UInt8 = 1 << 3 | 2
        static let bool: UInt8 = 2 << 3 | 0
        static let int: UInt8 = 3 << 3 | 0
        static let double: UInt8 = 4 << 3 | 1
        static let array: UInt8 = 5 << 3 | 2
        static let map: UInt8 = 6 << 3 | 2
        static let bytes: UInt8 = 7 << 3 | 2
        /// Of `ArrayValue` and `KeyValueList`.
        static let elements: UInt8 = 1 << 3 | 2
    }

    /// `SpanFlags`: bits 0–7 the trace flags, 0x100 "it is known whether", 0x200 "the context is remote".
    @inline(__always)
    static func flags(_ traceFlags: UInt8, isRemote: Bool) -> UInt32 {
        UInt32(traceFlags) | 0x100 | (isRemote ? 0x200 : 0)
    }
}

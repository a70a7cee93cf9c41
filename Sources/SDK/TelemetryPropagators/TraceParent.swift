// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// What a `traceparent` header says, read as version 00.
struct TraceParent: Equatable {
    /// Bytes of a header of version 00.
    static let byteCount = 55

    let traceID: TraceID
    let spanID: SpanID
    /// As received, unknown bits included.
    let flags: TraceFlags

    /// Reads a header; nil when it breaks the grammar. Looks at no more than the first 58 bytes of what
    /// surrounding white space leaves. `header` is changed only in how it is stored.
    init?(header: inout String) {
        guard let parent = header.withUTF8({ Self.parse($0) }) else { return nil }
        self = parent
    }

    private init(traceID: TraceID, spanID: SpanID, flags: TraceFlags) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }

    private static func parse(_ all: UnsafeBufferPointer<UInt8>) -> TraceParent? {
        let bytes = trimmed(all)
        guard bytes.count >= byteCount else { return nil }
        let start = bytes.startIndex
        guard let version = lowerHex(bytes, at: start, digits: 2),
            isDash(bytes[start + 2]), isDash(bytes[start + 35]), isDash(bytes[start + 52]),
            let high = lowerHex(bytes, at: start + 3, digits: 16),
            let low = lowerHex(bytes, at: start + 19, digits: 16),
            let span = lowerHex(bytes, at: start + 36, digits: 16),
            let flags = lowerHex(bytes, at: start + 53, digits: 2)
        else { return nil }
        // "Version ff is invalid."
        guard version != 0xff else { return nil }
        if bytes.count > byteCount {
            // "If a higher version is detected … the 2 characters at the end are either the end of the
            // string or a dash."
            guard version != 0, isDash(bytes[start + byteCount]) else { return nil }
        }
        // "All bytes as zero … is considered an invalid value."
        guard high | low != 0, span != 0 else { return nil }
        return TraceParent(
            traceID: TraceID(high: high, low: low), spanID: SpanID(value: span),
            flags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: flags)))
    }

    /// Without leading and trailing spaces and tabs (RFC 9110 OWS, which some servers leave in place).
    private static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
        var slice = bytes[...]
        while let first = slice.first, first == 0x20 || first == 0x09 { slice = slice.dropFirst() }
        while let last = slice.last, last == 0x20 || last == 0x09 { slice = slice.dropLast() }
        return slice
    }

    private static func isDash(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") }

    /// Level 2 allows lower case alone: "HEXDIGLC".
    private static func lowerHex(
        _ bytes: Slice<UnsafeBufferPointer<UInt8>>, at start: Int, digits: Int
    ) -> UInt64? {
        var value: UInt64 = 0
        for index in start..<(start + digits) {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt64(byte - 0x30)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt64(byte - 0x57)
            default: return nil
            }
        }
        return value
    }
}

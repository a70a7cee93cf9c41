// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// The bytes of a header's value, or of a part of it. Read in place: nothing is copied to be looked at.
typealias HeaderBytes = UnsafeBufferPointer<UInt8>

extension String {
    /// Hands `body` the first of several values that were joined with commas, without surrounding white space;
    /// nil, without a call, when it is empty or has more than `bytesMax` bytes.
    ///
    /// For formats whose headers stand once: "when extracting state headers, the first value wins" (B3).
    mutating func withFirstValue<Result>(bytesMax: Int, _ body: (HeaderBytes) -> Result?) -> Result? {
        withUTF8 { all in
            var rest = all
            // White space at the ends is no part of the value, and not counted.
            let value = (rest.removeFirst(until: UInt8(ascii: ",")) ?? rest).trimmed
            return value.isEmpty || value.count > bytesMax ? nil : body(value)
        }
    }
}

// Plain loops over indices: these run for every request.
extension HeaderBytes {
    /// Without spaces and tabs at both ends (RFC 9110, OWS).
    var trimmed: HeaderBytes {
        var (start, end) = (0, count)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while start < end, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return HeaderBytes(rebasing: self[start..<end])
    }

    /// Whether ``removeFirst(until:)`` has given the last part.
    var isExhausted: Bool { baseAddress == nil }

    /// What stands before the first `separator`, which is taken out together with it; all that is left when there is
    /// no separator; nil when nothing is left.
    mutating func removeFirst(until separator: UInt8) -> HeaderBytes? {
        guard !isExhausted else { return nil }
        var end = 0
        while end < count, self[end] != separator { end += 1 }
        let part = HeaderBytes(rebasing: self[..<end])
        self = end < count ? HeaderBytes(rebasing: self[(end + 1)...]) : HeaderBytes(start: nil, count: 0)
        return part
    }

    /// 1 to 16 hexadecimal digits of either case; nil for anything else.
    var hexadecimal: UInt64? {
        guard count > 0, count <= 16 else { return nil }
        var value: UInt64 = 0
        var index = 0
        while index < count {
            guard let digit = UInt8(hexDigit: self[index]) else { return nil }
            value = value << 4 | UInt64(digit)
            index += 1
        }
        return value
    }

    /// 16 digits that are not all zero.
    var spanID: SpanID? {
        guard count == 16, let value = hexadecimal, value != 0 else { return nil }
        return SpanID(value: value)
    }

    /// 1 to 32 digits that are not all zero; fewer than 32 have lost their leading zeros.
    var paddedTraceID: TraceID? {
        guard count > 0, count <= 32 else { return nil }
        let split = Swift.max(0, count - 16)
        guard let low = HeaderBytes(rebasing: self[split...]).hexadecimal else { return nil }
        guard let high = split == 0 ? 0 : HeaderBytes(rebasing: self[..<split]).hexadecimal, high | low != 0
        else {
            return nil
        }
        return TraceID(high: high, low: low)
    }

    /// 16 or 32 digits that are not all zero.
    var traceID: TraceID? { count == 16 || count == 32 ? paddedTraceID : nil }

    var text: String { String(decoding: self, as: UTF8.self) }

    func equals(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        var index = 0
        while index < count, self[index] == other.utf8Start[index] { index += 1 }
        return index == count
    }

    /// Whether it is `other`, which is in lower case, in any case of ASCII letters.
    func equalsIgnoringCase(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        var index = 0
        while index < count, self[index].lowercasedASCII == other.utf8Start[index] { index += 1 }
        return index == count
    }
}

extension UInt8 {
    /// `A` to `Z` in lower case, other bytes as they are.
    var lowercasedASCII: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

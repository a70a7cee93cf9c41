// SPDX-License-Identifier: Apache-2.0

/// The 16 bytes that all spans of one trace share.
///
/// The all-zero id is ``invalid``: it names no trace, and exists because the wire and the API can carry it.
/// Source: W3C Trace Context Level 2, "trace-id"; OpenTelemetry specification 1.60, "SpanContext".
public struct TraceID: Hashable, Sendable {
    /// Bytes 0–7, the first byte on the wire in the highest bits.
    public let high: UInt64
    /// Bytes 8–15, the last byte on the wire in the lowest bits.
    public let low: UInt64

    /// Makes an id from its two halves; both zero gives ``invalid``.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Sixteen zero bytes.
    public static let invalid = TraceID(high: 0, low: 0)

    /// False for ``invalid`` alone.
    public var isValid: Bool { high | low != 0 }

    /// Reads exactly 32 hexadecimal digits of either case; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8
        guard digits.count == 32 else { return nil }
        let middle = digits.index(digits.startIndex, offsetBy: 16)
        guard let high = UInt64(hexDigits: digits[..<middle]), let low = UInt64(hexDigits: digits[middle...])
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Reads exactly 16 bytes, first byte first; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        let middle = bytes.index(bytes.startIndex, offsetBy: 8)
        self.init(
            high: UInt64(bigEndianBytes: bytes[..<middle]), low: UInt64(bigEndianBytes: bytes[middle...]))
    }

    /// The 16 bytes, first byte first.
    public var bytes: [UInt8] { high.bigEndianBytes + low.bigEndianBytes }

    /// 32 lower-case hexadecimal digits.
    public var hex: String { high.paddedHex + low.paddedHex }
}

extension TraceID: CustomStringConvertible, Comparable {
    public var description: String { hex }

    public static func < (left: TraceID, right: TraceID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

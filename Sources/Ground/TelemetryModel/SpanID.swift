// SPDX-License-Identifier: Apache-2.0

/// The 8 bytes that name one span within its trace.
///
/// The all-zero id is ``invalid``. Source: W3C Trace Context Level 2, "parent-id".
public struct SpanID: Hashable, Sendable {
    /// The eight bytes, the first byte on the wire in the highest bits.
    public let value: UInt64

    /// Makes an id from its bits; zero gives ``invalid``.
    public init(value: UInt64) { self.value = value }

    /// Eight zero bytes.
    public static let invalid = SpanID(value: 0)

    /// False for ``invalid`` alone.
    public var isValid: Bool { value != 0 }

    /// Reads exactly 16 hexadecimal digits of either case; nil for anything else.
    public init?(hex: some StringProtocol) {
        guard hex.utf8.count == 16, let value = UInt64(hexDigits: hex.utf8) else { return nil }
        self.init(value: value)
    }

    /// Reads exactly 8 bytes, first byte first; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        self.init(value: UInt64(bigEndianBytes: bytes))
    }

    /// The 8 bytes, first byte first.
    public var bytes: [UInt8] { value.bigEndianBytes }

    /// 16 lower-case hexadecimal digits.
    public var hex: String { value.paddedHex }
}

extension SpanID: CustomStringConvertible, Comparable {
    public var description: String { hex }

    public static func < (left: SpanID, right: SpanID) -> Bool { left.value < right.value }
}

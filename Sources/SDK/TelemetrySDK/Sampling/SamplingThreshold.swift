// SPDX-License-Identifier: Apache-2.0

/// How many of the 2^56 possible randomness values are rejected: 0 keeps every trace.
///
/// Source: OpenTelemetry specification 1.60, "TraceState: Probability Sampling", "Rejection Threshold (T)".
public struct SamplingThreshold: Hashable, Comparable, Sendable {
    /// Below 2^56.
    public let value: UInt64

    /// One more than the greatest value.
    static let end: UInt64 = 1 << 56
    /// The part of a trace id that is random.
    static let randomnessMask: UInt64 = end - 1
    /// Hexadecimal digits of a threshold, and of a randomness value.
    static let digitsMax = 14

    /// Keeps every trace.
    public static let always = SamplingThreshold(unchecked: 0)

    private init(unchecked value: UInt64) { self.value = value }

    /// Nil for 2^56 and above.
    public init?(value: UInt64) {
        guard value < Self.end else { return nil }
        self.value = value
    }

    /// The threshold of a share of traces to keep, from 2^-56 to 1; nil for any other number.
    ///
    /// - Parameters:
    ///   - ratio: the share.
    ///   - digits: hexadecimal digits behind the leading `f`s that are kept, 1 to 14. The specification
    ///     recommends 4; all services with the same ratio must use the same number.
    public init?(ratio: Double, digits: Int = 4) {
        guard ratio >= 0x1p-56, ratio <= 1 else { return nil }
        let exact = Self.end - UInt64((ratio * 0x1p56).rounded())
        // "Raise precision by the number of leading 'f' digits": four binary places each.
        let kept = max(1, digits) + max(0, -1 - Int(ratio.exponent)) / 4
        guard kept < Self.digitsMax else {
            self.init(unchecked: min(exact, Self.end - 1))
            return
        }
        let unit: UInt64 = 1 << UInt64(4 * (Self.digitsMax - kept))
        let rounded = (exact + unit / 2) / unit * unit
        self.init(unchecked: min(rounded, Self.end - unit))
    }

    /// Reads the value of `th`: 1 to 14 lower-case hexadecimal digits, as if zeros followed; nil for anything else.
    public init?(hex: some StringProtocol) {
        let digits = hex.utf8
        guard (1...Self.digitsMax).contains(digits.count), let value = UInt64(lowerCaseHex: digits) else {
            return nil
        }
        self.init(unchecked: value << UInt64(4 * (Self.digitsMax - digits.count)))
    }

    /// The value of `th`: without the zeros at its end, `0` for 0.
    public var hex: String {
        guard value != 0 else { return "0" }
        let zeros = value.trailingZeroBitCount / 4
        let digits = String(value >> UInt64(4 * zeros), radix: 16)
        return String(repeating: "0", count: Self.digitsMax - zeros - digits.count) + digits
    }

    /// The share of traces that are kept.
    public var ratio: Double { Double(Self.end - value) / Double(Self.end) }

    // "If R >= T, keep the span, else drop the span."
    /// Whether a trace of this randomness, below 2^56, is kept.
    @inline(__always)
    public func keeps(randomness: UInt64) -> Bool { randomness >= value }

    public static func < (left: SamplingThreshold, right: SamplingThreshold) -> Bool {
        left.value < right.value
    }
}

extension UInt64 {
    /// Nil for anything but `0`…`9` and `a`…`f`; for at most 16 digits.
    init?(lowerCaseHex digits: some Collection<UInt8>) {
        self = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: self = self << 4 | UInt64(digit &- 0x30)
            case 0x61...0x66: self = self << 4 | UInt64(digit &- 0x57)
            default: return nil
            }
        }
    }

    /// Fourteen lower-case hexadecimal digits of a number below 2^56.
    var hexOf56Bits: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: Swift.max(0, SamplingThreshold.digitsMax - digits.count))
            + digits
    }
}

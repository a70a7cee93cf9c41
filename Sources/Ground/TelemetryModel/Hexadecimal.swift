// SPDX-License-Identifier: Apache-2.0

extension UInt64 {
    /// Reads 1–16 hexadecimal digits (ASCII, either case); nil if any byte is not one.
    package init?(hexDigits digits: some Collection<UInt8>) {
        var value: UInt64 = 0
        for digit in digits {
            guard let nibble = UInt8(hexDigit: digit) else { return nil }
            value = value << 4 | UInt64(nibble)
        }
        self = value
    }

    /// Reads up to eight bytes, first byte highest.
    package init(bigEndianBytes bytes: some Collection<UInt8>) {
        self = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    package var bigEndianBytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * UInt64($0))) }
    }

    /// 16 lower-case hexadecimal digits, leading zeros kept.
    package var paddedHex: String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 {
                let nibble = UInt8(truncatingIfNeeded: self >> (60 - 4 * UInt64(index))) & 0xf
                buffer[index] = UInt8.hexDigits[Int(nibble)]
            }
            return 16
        }
    }
}

extension UInt8 {
    fileprivate static let hexDigits: [UInt8] = Array("0123456789abcdef".utf8)

    /// The value 0–15 of one ASCII hexadecimal digit of either case; nil for any other byte.
    package init?(hexDigit: UInt8) {
        switch hexDigit {
        case 0x30...0x39: self = hexDigit - 0x30
        case 0x41...0x46: self = hexDigit - 0x41 + 10
        case 0x61...0x66: self = hexDigit - 0x61 + 10
        default: return nil
        }
    }
}

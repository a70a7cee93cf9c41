// SPDX-License-Identifier: Apache-2.0

/// `%XX` for bytes that a header cannot carry (RFC 3986, section 2.1).
package enum PercentCoding {
    /// A `%` without two hexadecimal digits stays as it is; what is not UTF-8 becomes U+FFFD.
    package static func decodeLeniently(_ bytes: some Collection<UInt8>) -> String {
        // Most values are plain.
        guard bytes.contains(UInt8(ascii: "%")) else { return String(decoding: bytes, as: UTF8.self) }
        let (decoded, _) = decoded(bytes)
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Nil when a `%` has no two hexadecimal digits behind it, or when the result is not UTF-8.
    package static func decodeStrictly(_ bytes: some Collection<UInt8>) -> String? {
        let (decoded, isWhole) = decoded(bytes)
        return isWhole ? String(validating: decoded, as: UTF8.self) : nil
    }

    /// Appends `bytes`, each that `isKept` refuses as `%XX`.
    package static func encode(
        _ bytes: some Sequence<UInt8>, into output: inout [UInt8], keeping isKept: (UInt8) -> Bool
    ) {
        for byte in bytes {
            if isKept(byte) {
                output.append(byte)
            } else {
                output.append(UInt8(ascii: "%"))
                output.append(digit(byte >> 4))
                output.append(digit(byte & 0xf))
            }
        }
    }

    private static func decoded(_ bytes: some Collection<UInt8>) -> (bytes: [UInt8], isWhole: Bool) {
        let encoded = Array(bytes)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(encoded.count)
        var isWhole = true
        var index = 0
        while index < encoded.count {
            let byte = encoded[index]
            if byte == UInt8(ascii: "%") {
                if index + 2 < encoded.count, let high = nibble(encoded[index + 1]),
                    let low = nibble(encoded[index + 2])
                {
                    decoded.append(high << 4 | low)
                    index += 3
                    continue
                }
                isWhole = false
            }
            decoded.append(byte)
            index += 1
        }
        return (decoded, isWhole)
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") - 10 + nibble
    }

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

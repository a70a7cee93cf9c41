// SPDX-License-Identifier: Apache-2.0

/// RFC 4648 base64: written with the standard alphabet and padding, read in either alphabet with or without
/// padding, as the proto3 JSON mapping asks.
package enum Base64 {
    private static let alphabet: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    static func encode(_ bytes: UnsafeRawBufferPointer, to output: inout ByteSink) {
        let alphabet = alphabet.utf8Start
        func digit(_ bits: UInt32, _ shift: UInt32) -> UInt8 { alphabet[Int(bits >> shift & 0x3f)] }
        let padding = UInt8(ascii: "=")
        output.reserve((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let left = bytes.count - index
            var bits = UInt32(bytes[index]) << 16
            if left > 1 { bits |= UInt32(bytes[index + 1]) << 8 }
            if left > 2 { bits |= UInt32(bytes[index + 2]) }
            output.byte(digit(bits, 18))
            output.byte(digit(bits, 12))
            output.byte(left > 1 ? digit(bits, 6) : padding)
            output.byte(left > 2 ? digit(bits, 0) : padding)
            index += 3
        }
    }

    /// For text that is no OTLP.
    package static func text(_ bytes: [UInt8]) -> String {
        var output = ByteSink(capacity: (bytes.count + 2) / 3 * 4)
        defer { output.free() }
        bytes.withUnsafeBytes { encode($0, to: &output) }
        return String(decoding: output.bytes, as: UTF8.self)
    }

    /// Of text that is no OTLP; nil as below.
    package static func bytes(_ text: some StringProtocol) -> [UInt8]? {
        Array(text.utf8).withUnsafeBytes { decode($0) }
    }

    /// Nil when a byte is of neither alphabet, the count is impossible, or the padding is wrong.
    static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        if count != text.count, !text.count.isMultiple(of: 4) { return nil }
        guard count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount: UInt32 = 0
        for character in text[..<count] {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}

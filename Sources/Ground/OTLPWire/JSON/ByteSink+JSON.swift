// SPDX-License-Identifier: Apache-2.0

extension ByteSink {
    /// `"text"`, with the escapes that JSON demands and no other.
    mutating func jsonString(_ text: String) {
        byte(UInt8(ascii: "\""))
        let done: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
            escape(UnsafeRawBufferPointer(utf8))
        }
        if done == nil { Array(text.utf8).withUnsafeBytes { escape($0) } }
        byte(UInt8(ascii: "\""))
    }

    private mutating func escape(_ utf8: UnsafeRawBufferPointer) {
        reserve(utf8.count)
        var plain = 0
        var index = 0
        // By hand: iterators of pairs took a sixth of the time of an answer in a build without optimisation.
        while index < utf8.count {
            let character = utf8[index]
            if character.needsEscape {
                bytes(UnsafeRawBufferPointer(rebasing: utf8[plain..<index]))
                escape(character)
                plain = index + 1
            }
            index += 1
        }
        bytes(UnsafeRawBufferPointer(rebasing: utf8[plain...]))
    }

    private mutating func escape(_ character: UInt8) {
        byte(UInt8(ascii: "\\"))
        switch character {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): byte(character)
        case 0x08: byte(UInt8(ascii: "b"))
        case 0x09: byte(UInt8(ascii: "t"))
        case 0x0a: byte(UInt8(ascii: "n"))
        case 0x0c: byte(UInt8(ascii: "f"))
        case 0x0d: byte(UInt8(ascii: "r"))
        default:
            text("u00")
            byte(Self.hexDigit(UInt64(character >> 4)))
            byte(Self.hexDigit(UInt64(character)))
        }
    }

    /// 16 lower-case digits.
    mutating func hex(_ value: UInt64) {
        reserve(16)
        // The first digit comes first in memory: the order of bytes is turned round.
        ProtobufBytes.putFixed64(Self.hexDigits(value >> 32).byteSwapped, at: &cursor)
        ProtobufBytes.putFixed64(Self.hexDigits(value & 0xffff_ffff).byteSwapped, at: &cursor)
    }

    /// Eight digits at once for the lower half of `value`, the highest in the highest byte.
    private static func hexDigits(_ value: UInt64) -> UInt64 {
        var nibbles = (value | value << 16) & 0x0000_ffff_0000_ffff
        nibbles = (nibbles | nibbles << 8) & 0x00ff_00ff_00ff_00ff
        nibbles = (nibbles | nibbles << 4) & 0x0f0f_0f0f_0f0f_0f0f
        // One in the bytes of ten and more: from "0" + 10 it is 0x27 to "a".
        let letters = (nibbles &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }

    @inline(__always)
    private static func hexDigit(_ value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value & 0xf)
        return digit < 10 ? digit + 0x30 : digit + 0x57
    }

    mutating func jsonInteger(_ value: some BinaryInteger) { text("\(value)") }

    mutating func jsonQuoted(_ value: some BinaryInteger) {
        byte(UInt8(ascii: "\""))
        text("\(value)")
        byte(UInt8(ascii: "\""))
    }

    /// A line break and the indentation of the level, when pretty.
    mutating func newLine() {
        guard pretty else { return }
        byte(0x0a)
        for _ in 0..<indentation { text("  ") }
    }
}

extension UInt8 {
    fileprivate var needsEscape: Bool {
        self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }
}

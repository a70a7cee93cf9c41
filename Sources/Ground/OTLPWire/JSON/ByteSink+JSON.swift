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
        for (index, character) in utf8.enumerated() where character.needsEscape {
            bytes(UnsafeRawBufferPointer(rebasing: utf8[plain..<index]))
            escape(character)
            plain = index + 1
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
        for index in UInt64(0)..<16 {
            ProtobufBytes.putByte(Self.hexDigit(value >> (60 - 4 * index)), at: &cursor)
        }
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

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

extension JSONInput {
    /// The bytes between the quotes, and whether there is an escape among them.
    mutating func rawString() throws(WireError) -> (bytes: UnsafeRawBufferPointer, hasEscapes: Bool) {
        guard take(UInt8(ascii: "\"")) else { throw error(.expected(.string)) }
        let start = cursor
        var hasEscapes = false
        while cursor < end {
            let byte = cursor.load(as: UInt8.self)
            if byte == UInt8(ascii: "\"") {
                let bytes = UnsafeRawBufferPointer(start: start, count: cursor - start)
                cursor += 1
                return (bytes, hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                // The escaped byte may be a quote; what it is gets checked by `unescaped`.
                guard end - cursor >= 2 else { break }
                cursor += 1
            } else if byte < 0x20 {
                throw error(.invalidString)
            }
            cursor += 1
        }
        cursor = end
        throw error(.truncated)
    }

    mutating func string() throws(WireError) -> String {
        let (bytes, hasEscapes) = try rawString()
        if hasEscapes { return String(decoding: try unescaped(bytes), as: UTF8.self) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Gives the bytes of a string to `body`, escapes resolved.
    mutating func withStringBytes<Result>(
        _ body: (UnsafeRawBufferPointer) -> Result
    ) throws(WireError) -> Result {
        let (bytes, hasEscapes) = try rawString()
        if hasEscapes { return try unescaped(bytes).withUnsafeBytes(body) }
        return body(bytes)
    }

    /// True before a string that begins with a letter: a name, not a number in quotes.
    var isAtLetterString: Bool {
        guard end - cursor >= 2, cursor.load(as: UInt8.self) == UInt8(ascii: "\"") else { return false }
        let letter = cursor.load(fromByteOffset: 1, as: UInt8.self) | 0x20
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
    }

    /// Resolves the escapes of `bytes`, which stand inside this input.
    func unescaped(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                result.append(byte)
                continue
            }
            // `rawString` ends no string between a backslash and what follows it.
            let escape = index < bytes.count ? bytes[index] : 0
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(escape)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"):
                guard let unit = Self.hexUnit(bytes, at: index) else {
                    throw escapeError(bytes, at: index)
                }
                index += 4
                let scalar = Self.scalar(unit, bytes, &index)
                result.append(contentsOf: String(scalar).utf8)
            default: throw escapeError(bytes, at: index - 1)
            }
        }
        return result
    }

    private func escapeError(_ bytes: UnsafeRawBufferPointer, at index: Int) -> WireError {
        guard let start = bytes.baseAddress else { return error(.invalidString) }
        return WireError(.invalidString, offset: offset - (cursor - start) + index)
    }

    /// The four digits of a `\u` escape.
    private static func hexUnit(_ bytes: UnsafeRawBufferPointer, at index: Int) -> UInt16? {
        guard index + 4 <= bytes.count else { return nil }
        var value: UInt16 = 0
        for digit in bytes[index..<index + 4] {
            guard let nibble = UInt8(hexDigit: digit) else { return nil }
            value = value << 4 | UInt16(nibble)
        }
        return value
    }

    /// The character of one escape or of a pair of surrogates; half a pair gives U+FFFD.
    private static func scalar(_ unit: UInt16, _ bytes: UnsafeRawBufferPointer, _ index: inout Int)
        -> Unicode.Scalar
    {
        let replacement: Unicode.Scalar = "\u{fffd}"
        guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) ?? replacement }
        guard index + 6 <= bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u"),
            let low = hexUnit(bytes, at: index + 2), (0xdc00..<0xe000).contains(low)
        else { return replacement }
        index += 6
        return Unicode.Scalar(0x10000 + (UInt32(unit - 0xd800) << 10 | UInt32(low - 0xdc00))) ?? replacement
    }
}

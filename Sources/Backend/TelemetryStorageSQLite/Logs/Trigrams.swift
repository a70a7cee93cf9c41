// SPDX-License-Identifier: Apache-2.0

/// Which three bytes follow each other somewhere in a lot of texts, perhaps: rules out blocks for a text that
/// may stand anywhere in a body, also within a word.
///
/// 65,536 bits, one for each trigram. Log lines are made from few templates: a block has some thousand
/// distinct ones, and a text of eight letters asks for six. Kept in files: never change the functions.
struct Trigrams: Sendable {
    static let byteCount = 8_192

    /// The bits while texts are added.
    private var bits: [UInt8] = []
    /// Numbers of the bits that are set, when it is finished: a lone record has few.
    private(set) var numbers: [UInt16] = []

    mutating func add(_ text: String) {
        if bits.isEmpty { bits = [UInt8](repeating: 0, count: Self.byteCount) }
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.count >= 3 else { return }
            bits.withUnsafeMutableBufferPointer { bits in
                var window = UInt32(utf8[0].lowercased) << 8 | UInt32(utf8[1].lowercased)
                for index in 2..<utf8.count {
                    window = (window << 8 | UInt32(utf8[index].lowercased)) & 0xff_ffff
                    let number = Self.number(window)
                    bits[Int(number >> 3)] |= 1 << UInt8(number & 7)
                }
            }
        }
    }

    mutating func finish() {
        for (index, byte) in bits.enumerated() where byte != 0 {
            for bit in 0..<8 where byte >> UInt8(bit) & 1 == 1 { numbers.append(UInt16(index * 8 + bit)) }
        }
        bits = []
    }

    private static func number(_ window: UInt32) -> UInt16 {
        UInt16(truncatingIfNeeded: (window &* 0x9e37_79b1) >> 16)
    }

    /// The bytes of a block's filter.
    static func filter(of all: some Sequence<Trigrams>) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: byteCount)
        for trigrams in all {
            for number in trigrams.numbers { bits[Int(number >> 3)] |= 1 << UInt8(number & 7) }
        }
        return LogFrame.pack(bits)
    }

    /// Whether the texts behind a filter may contain `needle`, which is in lower case. A filter of another
    /// size rules nothing out.
    static func mayContain(_ needle: [UInt8], in filter: [UInt8]) -> Bool {
        guard needle.count >= 3, filter.count == byteCount else { return true }
        return (2..<needle.count).allSatisfy { index in
            let number = number(
                UInt32(needle[index - 2]) << 16 | UInt32(needle[index - 1]) << 8 | UInt32(needle[index]))
            return filter[Int(number >> 3)] >> UInt8(number & 7) & 1 == 1
        }
    }
}

extension UInt8 {
    /// ASCII only.
    var lowercased: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
}

/// A text to be looked for, without regard to the case of ASCII letters.
struct Needle: Sendable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = text.utf8.map(\.lowercased) }

    func isContained(in text: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first else { return true }
        let found = text.withContiguousStorageIfAvailable { hay -> Bool in
            guard hay.count >= bytes.count else { return false }
            return bytes.withUnsafeBufferPointer { bytes in
                var start = 0
                let last = hay.count - bytes.count
                while start <= last {
                    if hay[start].lowercased == first {
                        var length = 1
                        while length < bytes.count, hay[start + length].lowercased == bytes[length] {
                            length += 1
                        }
                        if length == bytes.count { return true }
                    }
                    start += 1
                }
                return false
            }
        }
        return found ?? isContained(in: Array(text))
    }
}

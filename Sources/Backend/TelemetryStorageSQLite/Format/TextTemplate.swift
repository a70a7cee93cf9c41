// SPDX-License-Identifier: Apache-2.0

/// A text taken apart: what many texts of one attribute share, and the decimal numbers in which they differ.
///
/// `GET /users/1041/orders` is `GET /users/####/orders` and 1041. A run of digits keeps its length, so that
/// leading zeros come back.
struct TextTemplate {
    /// Stands before the length of a run. No byte of UTF-8.
    static let mark: UInt8 = 0xff
    /// Longer runs do not fit 64 bits, and stay text.
    private static let digitsMax = 18

    private(set) var skeleton: [UInt8] = []
    private(set) var numbers: [UInt64] = []

    init() {}

    init(_ text: UnsafeRawBufferPointer) { take(text) }

    /// Takes another text apart, in the same memory.
    mutating func take(_ text: UnsafeRawBufferPointer) {
        skeleton.removeAll(keepingCapacity: true)
        numbers.removeAll(keepingCapacity: true)
        var literalStart = 0
        var offset = 0
        while offset < text.count {
            guard text[offset] &- 0x30 < 10 else {
                offset += 1
                continue
            }
            skeleton.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[literalStart..<offset]))
            let start = offset
            var number: UInt64 = 0
            while offset < text.count, offset - start < Self.digitsMax, text[offset] &- 0x30 < 10 {
                number = number * 10 + UInt64(text[offset] &- 0x30)
                offset += 1
            }
            skeleton.append(Self.mark)
            skeleton.append(UInt8(offset - start))
            numbers.append(number)
            literalStart = offset
        }
        skeleton.append(contentsOf: UnsafeRawBufferPointer(rebasing: text[literalStart...]))
    }

    /// Runs in a skeleton.
    static func runCount(of skeleton: [UInt8]) -> Int { skeleton.count { $0 == mark } }

    /// The text of a skeleton with numbers, as many as it has runs.
    static func text(_ skeleton: [UInt8], _ number: (Int) -> UInt64) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(skeleton.count * 2)
        var run = 0
        var offset = 0
        while offset < skeleton.count {
            guard skeleton[offset] == mark, offset + 1 < skeleton.count else {
                text.append(skeleton[offset])
                offset += 1
                continue
            }
            var rest = number(run)
            run += 1
            let count = Int(skeleton[offset + 1])
            let start = text.count
            text.append(contentsOf: repeatElement(0x30, count: count))
            for place in stride(from: start + count - 1, through: start, by: -1) {
                text[place] = 0x30 + UInt8(rest % 10)
                rest /= 10
            }
            offset += 2
        }
        return text
    }
}

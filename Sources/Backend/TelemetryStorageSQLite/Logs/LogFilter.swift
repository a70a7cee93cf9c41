// SPDX-License-Identifier: Apache-2.0

/// A Bloom filter over the traces, or the attributes, of a block of logs: says "certainly not here" or "perhaps".
///
/// It is filled at its greatest size and then folded in half as long as at most ``fillMax`` of the bits are
/// set, so that the number of distinct tokens need not be known. With six probes and half of the bits set
/// one in 64 absent values costs a block to be read in vain.
struct LogFilter: Sendable {
    /// 128 KiB. More than about 120,000 distinct tokens in a block fill it further; it then rules out less.
    private static let bitsMax = 1 << 20
    private static let bitsMin = 512
    private static let probes: UInt64 = 6
    private static let fillMax = 0.5

    /// Bit `n` is bit `n % 8` of byte `n / 8`. A power of two of them.
    let bytes: [UInt8]

    init(tokens: some Sequence<UInt64>) {
        var words = [UInt64](repeating: 0, count: Self.bitsMax / 64)
        let mask = UInt64(Self.bitsMax - 1)
        words.withUnsafeMutableBufferPointer { words in
            for token in tokens {
                for probe in 0..<Self.probes {
                    let bit = Self.bit(token, probe) & mask
                    words[Int(bit >> 6)] |= 1 << (bit & 63)
                }
            }
        }
        bytes = Self.folded(words).flatMap { word in
            withUnsafeBytes(of: word.littleEndian) { Array($0) }
        }
    }

    /// What stands in the file.
    var stored: [UInt8] { Checksummed.sealed(bytes) }

    /// Nil when what stands in the file cannot be a filter.
    init?(stored: [UInt8]) {
        // Before schema 4 there was no checksum.
        let isOld = stored.count & (stored.count - 1) == 0
        guard let bytes = isOld ? stored : Checksummed.opened(stored) else { return nil }
        guard bytes.count >= 8, (bytes.count & (bytes.count - 1)) == 0 else { return nil }
        self.bytes = bytes
    }

    func mayContain(_ token: UInt64) -> Bool {
        let mask = UInt64(bytes.count * 8 - 1)
        return (0..<Self.probes).allSatisfy { probe in
            let bit = Self.bit(token, probe) & mask
            return bytes[Int(bit >> 3)] >> UInt8(bit & 7) & 1 == 1
        }
    }

    private static func bit(_ token: UInt64, _ probe: UInt64) -> UInt64 {
        (token & 0xffff_ffff) &+ probe &* (token >> 32 | 1)
    }

    private static func folded(_ words: [UInt64]) -> [UInt64] {
        var words = words
        while words.count * 64 > bitsMin {
            let half = words.count / 2
            let folded = (0..<half).map { words[$0] | words[$0 + half] }
            let bitsSet = folded.reduce(0) { $0 + $1.nonzeroBitCount }
            guard Double(bitsSet) <= fillMax * Double(half * 64) else { break }
            words = folded
        }
        return words
    }
}

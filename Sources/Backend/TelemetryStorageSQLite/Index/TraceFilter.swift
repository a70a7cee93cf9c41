// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Tells of most traces that a block has nothing of them: a Bloom filter whose bits for one trace all lie in 32
/// bytes. All blocks' filters stay in memory, 20 bits a trace: one block of two thousand is looked into in vain, and
/// to rank a trace is to ask all of them. Files may have filters of fewer bits.
struct TraceFilter: Sendable {
    private static let bitsPerTrace = 20
    private static let wordsPerBucket = 8
    /// A filter has so many bytes, or a multiple of them.
    static let bucketBytes = wordsPerBucket * 4

    private var words: [UInt32]

    init(_ traces: some Collection<TraceID>) {
        let buckets = max(1, (traces.count * Self.bitsPerTrace + 255) / 256)
        words = Array(repeating: 0, count: buckets * Self.wordsPerBucket)
        for trace in traces {
            let question = Question(trace)
            let first = place(of: question.hash)
            for word in 0..<Self.wordsPerBucket { words[first + word] |= question.bits[word] }
        }
    }

    /// Nil when the bytes are no filter.
    init?(bytes: some Collection<UInt8>) {
        guard bytes.count > 0, bytes.count % Self.bucketBytes == 0 else { return nil }
        words = []
        words.reserveCapacity(bytes.count / 4)
        var word: UInt32 = 0
        for (index, byte) in bytes.enumerated() {
            word |= UInt32(byte) << UInt32(index % 4 * 8)
            if index % 4 == 3 {
                words.append(word)
                word = 0
            }
        }
    }

    var bytes: [UInt8] {
        words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) } }
    }

    /// What all blocks' filters are asked about one trace: worked out once.
    struct Question {
        fileprivate let hash: UInt64
        fileprivate let bits: SIMD8<UInt32>

        init(_ trace: TraceID) {
            hash = TraceFilter.hash(of: trace)
            var bits = SIMD8<UInt32>(repeating: 0)
            for word in 0..<wordsPerBucket { bits[word] = bit(UInt32(truncatingIfNeeded: hash), word) }
            self.bits = bits
        }
    }

    func mayContain(_ trace: TraceID) -> Bool { mayContain(Question(trace)) }

    func mayContain(_ question: Question) -> Bool {
        let first = place(of: question.hash)
        return words.withUnsafeBytes { words in
            let bucket = words.loadUnaligned(fromByteOffset: first * 4, as: SIMD8<UInt32>.self)
            // One branch for all bits: most answers are no, whichever the bit.
            return bucket & question.bits == question.bits
        }
    }

    // Kept in files: never change these four.

    private static func hash(of trace: TraceID) -> UInt64 {
        var hash = (trace.high ^ (trace.low &* 0x9e37_79b9_7f4a_7c15)) &* 0xff51_afd7_ed55_8ccd
        hash = (hash ^ (hash >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return hash ^ (hash >> 33)
    }

    /// The first word of the bucket.
    private func place(of hash: UInt64) -> Int {
        let buckets = UInt64(words.count / Self.wordsPerBucket)
        return Int(((hash >> 32) &* buckets) >> 32) * Self.wordsPerBucket
    }

    private static func bit(_ low: UInt32, _ word: Int) -> UInt32 { 1 << ((low &* salts[word]) >> 27) }

    private static let salts: [UInt32] = [
        0x47b6_137b, 0x4497_4d91, 0x8824_ad5b, 0xa2b7_289d, 0x7054_95c7, 0x2df1_424b, 0x9efc_4947,
        0x5c6b_fb31,
    ]
}

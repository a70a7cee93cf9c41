// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Numbers that stand for "this key with this value" in the filter of a block of logs. Kept in files: never change the
/// functions.
enum LogToken {
    /// Nil for values that no condition can match.
    static func token(key: String, value: AttributeValue) -> UInt64? {
        switch value {
        case .string(let text): hash(text, seed: hash(key, seed: Seed.string))
        case .int(let number): mix(UInt64(bitPattern: number) ^ hash(key, seed: Seed.int))
        case .bool(let flag): mix((flag ? 1 : 2) ^ hash(key, seed: Seed.bool))
        case .double(let number): mix(bits(of: number) ^ hash(key, seed: Seed.double))
        case .bytes, .array, .map, .empty: nil
        }
    }

    /// What a matching attribute may have as its token: the text of a condition can be of several types.
    static func tokens(of condition: TraceQuery.AttributeCondition) -> [UInt64] {
        let text = condition.value
        var values: [AttributeValue] = [.string(text)]
        if let number = Int64(text) { values.append(.int(number)) }
        if let number = Double(text) { values.append(.double(number)) }
        if text == "true" || text == "false" { values.append(.bool(text == "true")) }
        return values.compactMap { token(key: condition.key, value: $0) }
    }

    static func token(of trace: TraceID) -> UInt64 {
        // Ids need not be random in all their bits.
        mix(mix(trace.high ^ Seed.trace) ^ trace.low)
    }

    private enum Seed {
        static let string: UInt64 = 0x9e37_79b9_7f4a_7c15
        static let int: UInt64 = 0xbf58_476d_1ce4_e5b9
        static let bool: UInt64 = 0x94d0_49bb_1331_11eb
        static let double: UInt64 = 0xd6e8_feb8_6659_fd93
        static let trace: UInt64 = 0xa076_1d64_78bd_642f
    }

    /// The same for numbers that are equal.
    private static func bits(of number: Double) -> UInt64 {
        number == 0 ? 0 : (number.isNaN ? Double.nan : number).bitPattern
    }

    private static func hash(_ text: String, seed: UInt64) -> UInt64 {
        var text = text
        return text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            var hash = seed ^ UInt64(truncatingIfNeeded: bytes.count)
            var offset = 0
            while offset + 8 <= bytes.count {
                hash = step(
                    hash, UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
                offset += 8
            }
            var rest: UInt64 = 0
            while offset < bytes.count {
                rest = rest << 8 | UInt64(bytes[offset])
                offset += 1
            }
            return mix(step(hash, rest))
        }
    }

    private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
        return product ^ (product >> 29)
    }

    /// The finalizer of MurmurHash3: every bit of the input reaches every bit of the result.
    private static func mix(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ (value >> 33)) &* 0xff51_afd7_ed55_8ccd
        value = (value ^ (value >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return value ^ (value >> 33)
    }
}

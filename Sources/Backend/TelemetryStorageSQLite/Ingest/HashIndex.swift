// SPDX-License-Identifier: Apache-2.0

/// Finds numbers 0, 1, 2 … again by a hash of what they stand for; what that is, its owner keeps.
///
/// Open addressing over one array: a look-up costs one or two cache lines and no allocation, a quarter of what
/// a `Dictionary` of the same costs.
struct HashIndex: Sendable {
    /// Upper half: the hash's. Lower half: the number plus one; zero for a free place.
    private var places: [UInt64] = []
    private var count = 0

    @inline(__always)
    func find(_ hash: UInt64, where isSame: (Int) -> Bool) -> Int? {
        guard !places.isEmpty else { return nil }
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = places[place]
            if entry == 0 { return nil }
            if (entry ^ hash) >> 32 == 0 {
                let number = Int(truncatingIfNeeded: entry & 0xffff_ffff) - 1
                if isSame(number) { return number }
            }
            place = (place + 1) & mask
        }
    }

    /// `number` must not be there.
    mutating func insert(_ hash: UInt64, _ number: Int) {
        if (count + 1) * 2 > places.count { grow() }
        put((hash >> 32) << 32 | UInt64(truncatingIfNeeded: number + 1), at: hash)
        count += 1
    }

    private mutating func put(_ entry: UInt64, at hash: UInt64) {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places[place] = entry
    }

    // The upper half of the hash is all that is kept, so it chooses the place as well.
    private mutating func grow() {
        let old = places
        places = [UInt64](repeating: 0, count: max(16, old.count * 2))
        for entry in old where entry != 0 {
            put(entry, at: Self.spread(UInt32(truncatingIfNeeded: entry >> 32)))
        }
    }

    /// A hash whose both halves come from one: what ``find(_:where:)`` and ``insert(_:_:)`` take.
    @inline(__always)
    static func spread(_ half: UInt32) -> UInt64 { UInt64(half) << 32 | UInt64(half &* 0x9e37_79b1) }
}

/// Hashes of what a block's tables hold. They stay in memory: another version may compute others.
enum BlockHash {
    @inline(__always)
    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = 0x9e37_79b9_7f4a_7c15 ^ UInt64(truncatingIfNeeded: bytes.count)
        var offset = 0
        while offset &+ 8 <= bytes.count {
            hash = step(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset &+= 1
        }
        return finish(step(hash, rest))
    }

    @inline(__always)
    static func hash(_ first: UInt64, _ second: UInt64) -> UInt64 {
        finish(step(step(0x9e37_79b9_7f4a_7c15, first), second))
    }

    @inline(__always)
    private static func step(_ hash: UInt64, _ word: UInt64) -> UInt64 {
        let product = (hash ^ word) &* 0xff51_afd7_ed55_8ccd
        return product ^ (product >> 32)
    }

    @inline(__always)
    private static func finish(_ hash: UInt64) -> UInt64 {
        let mixed = (hash ^ (hash >> 29)) &* 0xc4ce_b9fe_1a85_ec53
        return HashIndex.spread(UInt32(truncatingIfNeeded: mixed >> 32))
    }
}

/// Whether two buffers hold the same bytes. Inline: most are some twenty bytes long, and a call costs as much.
@inline(__always)
func sameBytes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    let count = left.count
    guard count == right.count else { return false }
    var offset = 0
    while offset &+ 8 <= count {
        if left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            != right.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
        {
            return false
        }
        offset &+= 8
    }
    while offset < count {
        if left[offset] != right[offset] { return false }
        offset &+= 1
    }
    return true
}

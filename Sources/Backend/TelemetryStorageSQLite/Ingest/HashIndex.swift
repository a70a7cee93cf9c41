// SPDX-License-Identifier: Apache-2.0

/// Finds numbers 0, 1, 2 … again by a hash of what they stand for; what that is, its owner keeps.
///
/// Open addressing over one array: a look-up costs one or two cache lines and no allocation, a quarter of what
/// a `Dictionary` of the same costs.
struct HashIndex: Sendable {
    /// Upper half: the hash's. Lower half: the number plus one; zero for a free place.
    private var places = GrownBuffer<UInt64>()
    private var count = 0

    @inline(__always)
    func find(_ hash: UInt64, where isSame: (Int) -> Bool) -> Int? {
        guard places.count > 0 else { return nil }
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
        if (count + 1) * 2 > places.count { grow() } else { places.makeUnshared() }
        put((hash >> 32) << 32 | UInt64(truncatingIfNeeded: number + 1), at: hash)
        count += 1
    }

    private mutating func put(_ entry: UInt64, at hash: UInt64) {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while places[place] != 0 { place = (place + 1) & mask }
        places.set(place, to: entry)
    }

    // The upper half of the hash is all that is kept, so it chooses the place as well.
    private mutating func grow() {
        let old = places
        let room = max(16, old.count * 2)
        places = GrownBuffer(capacity: room)
        places.append(repeating: 0, count: room)
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
        let count = bytes.count
        var hash = 0x9e37_79b9_7f4a_7c15 ^ UInt64(truncatingIfNeeded: count)
        var offset = 0
        while offset &+ 8 <= count {
            hash = step(hash, bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            offset &+= 8
        }
        return finish(step(hash, lastWord(bytes)))
    }

    /// The last up to eight bytes; with the count they tell what is behind the whole words.
    @inline(__always)
    private static func lastWord(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        if count >= 8 { return bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self) }
        if count >= 4 {
            return UInt64(bytes.loadUnaligned(as: UInt32.self)) << 32
                | UInt64(bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
        }
        guard count > 0 else { return 0 }
        return UInt64(bytes[0]) << 16 | UInt64(bytes[count >> 1]) << 8 | UInt64(bytes[count &- 1])
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
    if count >= 8 {
        var offset = 0
        while offset < count &- 8 {
            if !isSame(left, right, UInt64.self, offset) { return false }
            offset &+= 8
        }
        return isSame(left, right, UInt64.self, count &- 8)
    }
    if count >= 4 {
        return isSame(left, right, UInt32.self, 0) && isSame(left, right, UInt32.self, count &- 4)
    }
    guard count > 0 else { return true }
    return left[0] == right[0] && left[count >> 1] == right[count >> 1]
        && left[count &- 1] == right[count &- 1]
}

@inline(__always)
private func isSame<Word: FixedWidthInteger & BitwiseCopyable>(
    _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer, _ word: Word.Type, _ offset: Int
) -> Bool {
    left.loadUnaligned(fromByteOffset: offset, as: word)
        == right.loadUnaligned(fromByteOffset: offset, as: word)
}

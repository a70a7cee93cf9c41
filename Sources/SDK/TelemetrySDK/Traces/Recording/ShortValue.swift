// SPDX-License-Identifier: Apache-2.0

/// The content of an `AnyValue` that is not longer than two words, as its bytes lie on the wire: in registers, so that
/// it can be made before the lock is taken, and written by two stores.
struct ShortValue {
    static let sizeMax = 16

    /// The first eight bytes, the first in the low bits.
    let low: UInt64
    let high: UInt64
    let size: Int

    @inline(__always)
    private init(low: UInt64, high: UInt64 = 0, size: Int) {
        self.low = low
        self.high = high
        self.size = size
    }

    @inline(__always)
    init(_ value: Bool) { self.init(low: UInt64(SpanTag.Value.bool) | (value ? 0x100 : 0), size: 2) }

    @inline(__always)
    init(_ value: Double) {
        let bits = value.bitPattern
        self.init(low: UInt64(SpanTag.Value.double) | bits &<< 8, high: bits &>> 56, size: 9)
    }

    @inline(__always)
    init(_ value: Int64) {
        let bits = UInt64(bitPattern: value)
        let tag = UInt64(SpanTag.Value.int)
        if bits < 0x80 {
            self.init(low: tag | bits &<< 8, size: 2)
        } else if bits < 0x4000 {
            self.init(low: tag | (bits & 0x7f | 0x80) &<< 8 | (bits &>> 7) &<< 16, size: 3)
        } else {
            self.init(long: bits)
        }
    }

    /// An integer of three to ten bytes.
    @inline(never)
    private init(long bits: UInt64) {
        var low = UInt64(SpanTag.Value.int)
        var high: UInt64 = 0
        var size = 1
        var rest = bits
        while true {
            let byte = rest < 0x80 ? rest : rest & 0x7f | 0x80
            if size < 8 { low |= byte &<< UInt64(size * 8) } else { high |= byte &<< UInt64(size * 8 - 64) }
            size += 1
            if rest < 0x80 { break }
            rest >>= 7
        }
        self.init(low: low, high: high, size: size)
    }

    /// One of the ``size`` bytes.
    func byte(_ index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 8 ? low : high) &>> UInt64((index & 7) * 8))
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// The numbers of a column as they lie in their unpacked section (``NumberColumn``), read one by one.
///
/// A question mostly wants a few of a block's sixteen thousand; making an array of all would cost more than
/// reading the section.
struct PackedNumbers: Sendable {
    let count: Int
    /// The whole section; several columns share it.
    private let bytes: [UInt8]
    /// Where the lowest plane begins.
    private let offset: Int
    private let base: UInt64
    /// Planes of `count` bytes, lowest first.
    private let width: Int

    /// The next column of `input`, which reads `bytes`; `countMax` bounds what a damaged one may claim.
    init(from input: inout ByteReader, of bytes: [UInt8], countMax: Int) throws(StorageError) {
        guard let count = Int(exactly: try input.varint()), count <= countMax else {
            throw .damaged("a column is too long")
        }
        base = try input.fixed64()
        width = Int(try input.byte())
        guard width <= 8, input.remaining >= width * count else { throw .damaged("a column is too short") }
        self.count = count
        self.bytes = bytes
        offset = input.offset
        try input.skip(width * count)
    }

    @inline(__always)
    subscript(index: Int) -> UInt64 {
        precondition(index >= 0 && index < count, "a number that the column has not")
        return bytes.withUnsafeBufferPointer { number(index, $0) }
    }

    // Safety: `init` has seen `width` planes of `count` bytes from `offset` on.
    @inline(__always)
    private func number(_ index: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var above: UInt64 = 0
        var place = offset + index
        for plane in 0..<width {
            above |= UInt64(bytes[place]) &<< UInt64(plane * 8)
            place += count
        }
        return base &+ above
    }

    /// Calls `body` for each number of `range` in order.
    @inline(__always)
    func forEach(in range: Range<Int>, _ body: (UInt64) -> Void) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "numbers that the column has not")
        bytes.withUnsafeBufferPointer { bytes in
            if width == 1 {
                for index in range { body(base &+ UInt64(bytes[offset + index])) }
            } else {
                for index in range { body(number(index, bytes)) }
            }
        }
    }

    /// All of them.
    var values: [UInt64] {
        var values: [UInt64] = []
        values.reserveCapacity(count)
        forEach(in: 0..<count) { values.append($0) }
        return values
    }

    /// Whether each is less than `limit`.
    func areAll(below limit: Int) -> Bool {
        var most: UInt64 = 0
        forEach(in: 0..<count) { most = max(most, $0) }
        return count == 0 || most < UInt64(limit)
    }

    /// How many of the first `end` are `number`.
    func count(of number: UInt64, before end: Int) -> Int {
        let above = number &- base
        guard fits(above) else { return 0 }
        if width == 0 { return end }
        return bytes.withUnsafeBufferPointer { bytes in
            guard width > 1 else {
                let low = UInt8(truncatingIfNeeded: above)
                var found = 0
                for index in offset..<offset + end { found &+= bytes[index] == low ? 1 : 0 }
                return found
            }
            var found = 0
            for index in 0..<end where self.number(index, bytes) == number { found += 1 }
            return found
        }
    }

    /// Where `number` stands first from `start` on; nil when it does not.
    func firstIndex(of number: UInt64, from start: Int = 0) -> Int? {
        let above = number &- base
        guard fits(above) else { return nil }
        if width == 0 { return start < count ? start : nil }
        let low = UInt8(truncatingIfNeeded: above)
        return bytes.withUnsafeBufferPointer { bytes in
            for index in stride(from: start, to: count, by: 1)
            where bytes[offset + index] == low && self.number(index, bytes) == number { return index }
            return nil
        }
    }

    private func fits(_ above: UInt64) -> Bool { width == 8 || above >> UInt64(width * 8) == 0 }
}

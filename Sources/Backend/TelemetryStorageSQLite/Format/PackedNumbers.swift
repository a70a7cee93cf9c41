// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

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
    let width: Int

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
        guard width > 2 || base >= 1 << 62 else { return count == 0 || base + mostAboveBase < UInt64(limit) }
        var most: UInt64 = 0
        forEach(in: 0..<count) { most = max(most, $0) }
        return count == 0 || most < UInt64(limit)
    }

    /// Of two planes at most: plain loops, which the compiler makes steps of many bytes of.
    private var mostAboveBase: UInt64 {
        bytes.withUnsafeBufferPointer { bytes in
            guard let bytes = bytes.baseAddress, width > 0 else { return 0 }
            // Safety: `init` has seen `width` planes of `count` bytes from `offset` on.
            let low = bytes + offset
            if width == 1 {
                var most: UInt8 = 0
                for index in 0..<count { most = max(most, low[index]) }
                return UInt64(most)
            }
            let high = low + count
            var most: UInt16 = 0
            for index in 0..<count { most = max(most, UInt16(high[index]) << 8 | UInt16(low[index])) }
            return UInt64(most)
        }
    }

    /// How many of those of `range` are `number`. A trace asks this for most values of its spans.
    func count(of number: UInt64, in range: Range<Int>) -> Int {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "numbers that the column has not")
        let above = number &- base
        guard fits(above) else { return 0 }
        if width == 0 { return range.count }
        // Plain loops over bytes, which the compiler makes steps of sixteen of; a count in a byte has room for 255.
        let groupMax = 255
        return bytes.withUnsafeBufferPointer { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: groupMax) { differences in
                guard let bytes = bytes.baseAddress, let difference = differences.baseAddress else {
                    return 0
                }
                var found = 0
                for start in stride(from: range.lowerBound, to: range.upperBound, by: groupMax) {
                    let group = min(groupMax, range.upperBound - start)
                    difference.initialize(repeating: 0, count: group)
                    for plane in 0..<width {
                        let wanted = UInt8(truncatingIfNeeded: above &>> UInt64(plane * 8))
                        // Safety: `init` has seen `width` planes of `count` bytes from `offset` on.
                        let numbers = bytes + offset + plane * count + start
                        for index in 0..<group { difference[index] |= numbers[index] ^ wanted }
                    }
                    var equal: UInt8 = 0
                    for index in 0..<group { equal &+= difference[index] == 0 ? 1 : 0 }
                    found += Int(equal)
                }
                return found
            }
        }
    }

    /// Where `number` stands first from `start` on; nil when it does not.
    func firstIndex(of number: UInt64, from start: Int = 0) -> Int? {
        let above = number &- base
        guard fits(above) else { return nil }
        if width == 0 { return start < count ? start : nil }
        let low = Int32(above & 0xff)
        return bytes.withUnsafeBufferPointer { bytes in
            guard let all = bytes.baseAddress, start < count else { return nil }
            var index = start
            // Safety: `init` has seen that `count` bytes begin at `offset`.
            while let found = memchr(all + offset + index, low, count - index) {
                index = UnsafeRawPointer(all + offset).distance(to: UnsafeRawPointer(found))
                if self.number(index, bytes) == number { return index }
                index += 1
            }
            return nil
        }
    }

    /// Where `number` stands after it has stood `times` times already; nil when it does not.
    func index(of number: UInt64, after times: Int) -> Int? {
        var (start, left) = (0, times)
        // To count a group is faster than to find each of its own.
        while start < count {
            let end = min(start + 255, count)
            let found = count(of: number, in: start..<end)
            if found > left { break }
            left -= found
            start = end
        }
        var next = firstIndex(of: number, from: start)
        for _ in 0..<left {
            guard let found = next else { return nil }
            next = firstIndex(of: number, from: found + 1)
        }
        return next
    }

    /// Whether one of them, as a signed number, is in `range`.
    func contains(in range: ClosedRange<Int64>) -> Bool {
        if range.lowerBound == range.upperBound {
            return firstIndex(of: UInt64(bitPattern: range.lowerBound)) != nil
        }
        return bytes.withUnsafeBufferPointer { bytes in
            (0..<count).contains { range.contains(Int64(bitPattern: number($0, bytes))) }
        }
    }

    private func fits(_ above: UInt64) -> Bool { width == 8 || above >> UInt64(width * 8) == 0 }
}

// SPDX-License-Identifier: Apache-2.0

/// A log line in the making: on the stack as long as it is short, so that a line is one allocation, that of the bytes
/// it ends up in.
struct LineBytes {
    private static let shortMax = 1024

    private var start: UnsafeMutablePointer<UInt8>
    private var count = 0
    private var capacity: Int
    /// Whether `start` is to be freed: the line has outgrown the stack.
    private var isAllocated = false

    private init(_ room: UnsafeMutableBufferPointer<UInt8>, _ start: UnsafeMutablePointer<UInt8>) {
        self.start = start
        capacity = room.count
    }

    /// What `write` has written.
    static func collect(_ write: (inout LineBytes) -> Void) -> [UInt8] {
        // Above 1024 bytes it would come from the allocator after all.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: shortMax) { room in
            guard let start = room.baseAddress else { return [] }
            var bytes = LineBytes(room, start)
            write(&bytes)
            defer { if bytes.isAllocated { bytes.start.deallocate() } }
            return Array(UnsafeBufferPointer(start: bytes.start, count: bytes.count))
        }
    }

    /// Room for `added` bytes behind the last one.
    @inline(__always)
    private mutating func room(_ added: Int) -> UnsafeMutablePointer<UInt8> {
        if added > capacity - count { grow(added) }
        return start + count
    }

    @inline(never)
    private mutating func grow(_ added: Int) {
        capacity = max(2 * capacity, count + added)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        if isAllocated { start.deallocate() }
        start = larger
        isAllocated = true
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        room(1).pointee = byte
        count += 1
    }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        let size = text.utf8CodeUnitCount
        room(size).update(from: text.utf8Start, count: size)
        count += size
    }

    mutating func append(_ text: String) {
        let copied: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
            guard let source = utf8.baseAddress else { return }
            room(utf8.count).update(from: source, count: utf8.count)
            count += utf8.count
        }
        if copied == nil { for byte in text.utf8 { append(byte) } }
    }

    /// Eight bytes, the first in the highest bits.
    @inline(__always)
    mutating func appendBigEndian(_ word: UInt64) {
        UnsafeMutableRawPointer(room(8)).storeBytes(of: word.bigEndian, as: UInt64.self)
        count += 8
    }

    /// A decimal number of two digits, with a leading zero; of a larger one, the last two.
    @inline(__always)
    mutating func appendTwoDigits(_ number: Int) {
        let place = room(2)
        place[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10 % 10)
        place[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
        count += 2
    }

    // MARK: JSON

    /// The content of a JSON string: most texts need no escape, and are copied while that is being found out.
    mutating func appendEscaped(_ text: String) {
        let copied: Void? = text.utf8.withContiguousStorageIfAvailable { utf8 in
            let place = room(utf8.count)
            for index in utf8.indices {
                let byte = utf8[index]
                guard Self.isPlain(byte) else {
                    count += index
                    for byte in utf8[index...] { appendEscaped(byte) }
                    return
                }
                place[index] = byte
            }
            count += utf8.count
        }
        if copied == nil { for byte in text.utf8 { appendEscaped(byte) } }
    }

    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != 0x7f
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        if Self.isPlain(byte) { return append(byte) }
        switch byte {
        case 0x0a: append("\\n" as StaticString)
        case 0x0d: append("\\r" as StaticString)
        case 0x09: append("\\t" as StaticString)
        case 0..<0x20, 0x7f:
            append("\\u00" as StaticString)
            appendHex(byte)
        default:
            append(UInt8(ascii: "\\"))
            append(byte)
        }
    }

    /// Two lower-case digits.
    mutating func appendHex(_ byte: UInt8) {
        append(Self.hexDigit(byte >> 4))
        append(Self.hexDigit(byte & 0xf))
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
    }

    /// Sixteen lower-case digits, eight at a time: one byte for each of four bits, and 39 more for letters.
    @inline(__always)
    mutating func appendHex(_ value: UInt64) {
        appendBigEndian(Self.hex(value >> 32))
        appendBigEndian(Self.hex(value & 0xffff_ffff))
    }

    @inline(__always)
    private static func hex(_ half: UInt64) -> UInt64 {
        var digits = (half | half << 16) & 0x0000_ffff_0000_ffff
        digits = (digits | digits << 8) & 0x00ff_00ff_00ff_00ff
        digits = (digits | digits << 4) & 0x0f0f_0f0f_0f0f_0f0f
        let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        return digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
    }
}

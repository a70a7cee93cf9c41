// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// Reads what ``ByteWriter`` wrote. Every step is checked: bytes of a damaged file give an error, never a
/// trap.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var offset: Int
    private let end: Int

    init(_ bytes: [UInt8]) { self.init(bytes, from: 0, to: bytes.count) }

    /// Reads `start..<end`; bounds outside of the bytes are cut to them.
    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.end = Swift.min(Swift.max(end, 0), bytes.count)
        self.offset = Swift.min(Swift.max(start, 0), self.end)
    }

    /// Bytes that have not been read: an upper bound for any count that is still to come.
    var remaining: Int { end - offset }

    mutating func byte() throws(StorageError) -> UInt8 {
        guard offset < end else { throw .damaged("bytes end too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func varint() throws(StorageError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try byte()
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
        }
        throw .damaged("a number of more than ten bytes")
    }

    mutating func varint32() throws(StorageError) -> UInt32 {
        guard let value = UInt32(exactly: try varint()) else { throw .damaged("a number above 32 bits") }
        return value
    }

    /// A count of things of which each takes at least one byte, so that no damaged count reserves memory.
    mutating func count() throws(StorageError) -> Int {
        guard let value = Int(exactly: try varint()), value <= remaining else {
            throw .damaged("a count above what is there")
        }
        return value
    }

    mutating func zigzag() throws(StorageError) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func fixed64() throws(StorageError) -> UInt64 {
        guard remaining >= 8 else { throw .damaged("bytes end too early") }
        var value: UInt64 = 0
        for index in offset..<offset + 8 { value = value << 8 | UInt64(bytes[index]) }
        offset += 8
        return value
    }

    mutating func text() throws(StorageError) -> String {
        let count = try count()
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    /// The next `count` bytes, valid within `body`.
    mutating func withBytes(
        _ count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(StorageError) {
        guard count <= remaining else { throw .damaged("bytes end too early") }
        bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
        offset += count
    }

    mutating func skip(_ count: Int) throws(StorageError) {
        guard count >= 0, count <= remaining else { throw .damaged("bytes end too early") }
        offset += count
    }

    mutating func data() throws(StorageError) -> [UInt8] {
        let count = try count()
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }
}

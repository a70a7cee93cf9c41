// SPDX-License-Identifier: Apache-2.0

/// How the bytes after a protobuf tag are laid out. Source: protobuf encoding guide, "Message Structure".
@frozen
@_spi(SpanPath) public enum WireType: UInt8, Sendable, CaseIterable {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case startGroup = 3
    case endGroup = 4
    case fixed32 = 5
}

/// The primitives of the protobuf encoding, over raw pointers.
///
/// Nothing here checks room: the caller makes sure that `cursor` has at least the size that the `…Size`
/// function of the same name gives (`varintSizeMax` for a varint). Each `put…` leaves `cursor` behind the
/// last byte written. Inlinable, because the span path of the SDK writes with them from another module; and
/// behind an SPI, because Swift 6.3 inlines nothing across modules that is only `package` (7 calls and 100
/// instructions for each span).
@_spi(SpanPath) @frozen public enum ProtobufBytes {
    /// Bytes that the longest varint takes.
    @inlinable public static var varintSizeMax: Int { 10 }

    /// The number that announces a field: its number and layout.
    @inlinable @inline(__always)
    public static func tag(_ field: UInt32, _ type: WireType) -> UInt32 {
        field << 3 | UInt32(type.rawValue)
    }

    /// Bytes that `value` takes as a varint: 1 to 10.
    @inlinable @inline(__always)
    public static func varintSize(_ value: UInt64) -> Int {
        // Ceiling of bits/7 without a division: exact for 1 to 64 bits.
        ((64 &- (value | 1).leadingZeroBitCount) &* 9 &+ 64) >> 6
    }

    /// Bytes that the tag of `field` takes: 1 below field 16.
    @inlinable @inline(__always)
    public static func tagSize(_ field: UInt32) -> Int { varintSize(UInt64(field) << 3) }

    /// Bytes of a length-delimited field with `count` bytes in it, tag and length included.
    @inlinable @inline(__always)
    public static func lengthDelimitedSize(_ field: UInt32, count: Int) -> Int {
        tagSize(field) + varintSize(UInt64(count)) + count
    }

    /// One byte.
    @inlinable @inline(__always)
    public static func putByte(_ byte: UInt8, at cursor: inout UnsafeMutableRawPointer) {
        cursor.storeBytes(of: byte, as: UInt8.self)
        cursor += 1
    }

    /// A varint of 1 to 10 bytes.
    @inlinable @inline(__always)
    public static func putVarint(_ value: UInt64, at cursor: inout UnsafeMutableRawPointer) {
        var rest = value
        while rest >= 0x80 {
            putByte(UInt8(truncatingIfNeeded: rest) | 0x80, at: &cursor)
            rest >>= 7
        }
        putByte(UInt8(truncatingIfNeeded: rest), at: &cursor)
    }

    /// The tag of a field.
    @inlinable @inline(__always)
    public static func putTag(_ field: UInt32, _ type: WireType, at cursor: inout UnsafeMutableRawPointer) {
        putVarint(UInt64(tag(field, type)), at: &cursor)
    }

    /// Eight bytes, little-endian.
    @inlinable @inline(__always)
    public static func putFixed64(_ value: UInt64, at cursor: inout UnsafeMutableRawPointer) {
        cursor.storeBytes(of: value.littleEndian, as: UInt64.self)
        cursor += 8
    }

    /// Four bytes, little-endian.
    @inlinable @inline(__always)
    public static func putFixed32(_ value: UInt32, at cursor: inout UnsafeMutableRawPointer) {
        cursor.storeBytes(of: value.littleEndian, as: UInt32.self)
        cursor += 4
    }

    /// The bytes alone, without tag or length.
    @inlinable @inline(__always)
    public static func putBytes(_ bytes: UnsafeRawBufferPointer, at cursor: inout UnsafeMutableRawPointer) {
        guard let source = bytes.baseAddress else { return }
        cursor.copyMemory(from: source, byteCount: bytes.count)
        cursor += bytes.count
    }

    /// Tag, length and bytes.
    @inlinable @inline(__always)
    public static func putLengthDelimited(
        _ field: UInt32, _ bytes: UnsafeRawBufferPointer, at cursor: inout UnsafeMutableRawPointer
    ) {
        putTag(field, .lengthDelimited, at: &cursor)
        putVarint(UInt64(bytes.count), at: &cursor)
        putBytes(bytes, at: &cursor)
    }

    /// Tag, length and UTF-8 bytes; the room needed is `lengthDelimitedSize(field, count:
    /// string.utf8.count)`.
    @inlinable @inline(__always)
    public static func putString(
        _ field: UInt32, _ string: String, at cursor: inout UnsafeMutableRawPointer
    ) {
        putTag(field, .lengthDelimited, at: &cursor)
        putVarint(UInt64(string.utf8.count), at: &cursor)
        putUTF8(string, at: &cursor)
    }

    /// The UTF-8 bytes alone.
    @inlinable @inline(__always)
    public static func putUTF8(_ string: String, at cursor: inout UnsafeMutableRawPointer) {
        let copied: Void? = string.utf8.withContiguousStorageIfAvailable { utf8 in
            putBytes(UnsafeRawBufferPointer(utf8), at: &cursor)
        }
        if copied == nil {
            for byte in string.utf8 { putByte(byte, at: &cursor) }
        }
    }

    /// Reads a varint; nil when the bytes end before it does or it is longer than ten bytes or 64 bits.
    /// Moves `cursor` behind it only on success.
    @inlinable @inline(__always)
    public static func varint(at cursor: inout UnsafeRawPointer, end: UnsafeRawPointer) -> UInt64? {
        guard cursor < end else { return nil }
        let first = cursor.load(as: UInt8.self)
        if first < 0x80 {
            cursor += 1
            return UInt64(first)
        }
        return longVarint(at: &cursor, end: end)
    }

    /// The rest of ``varint(at:end:)`` for two bytes and more.
    @inlinable
    public static func longVarint(at cursor: inout UnsafeRawPointer, end: UnsafeRawPointer) -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        var position = cursor
        while position < end {
            let byte = position.load(as: UInt8.self)
            position += 1
            // The tenth byte holds one bit.
            if shift == 63, byte > 1 { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 {
                cursor = position
                return value
            }
            shift += 7
        }
        return nil
    }

    /// Reads eight bytes.
    @inlinable @inline(__always)
    public static func fixed64(at pointer: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: pointer.loadUnaligned(as: UInt64.self))
    }

    /// Reads four bytes.
    @inlinable @inline(__always)
    public static func fixed32(at pointer: UnsafeRawPointer) -> UInt32 {
        UInt32(littleEndian: pointer.loadUnaligned(as: UInt32.self))
    }
}

// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
@_spi(SpanPath) import OTLPWire

/// A place in memory where a span's protobuf is being written. Checks no room: the caller has made it.
///
/// `ProtobufBytes`, and what only spans need: tags of one byte, and tags and lengths known beforehand as one store.
struct SpanBytes {
    var position: UnsafeMutableRawPointer

    @inline(__always)
    init(_ position: UnsafeMutableRawPointer) { self.position = position }

    /// Bytes that `value` takes as a varint: 1 to 10.
    @inline(__always)
    static func varintSize(_ value: Int) -> Int { varintSize(UInt64(truncatingIfNeeded: value)) }

    /// Bytes that `value` takes as a varint: 1 to 10.
    @inline(__always)
    static func varintSize(_ value: UInt64) -> Int { ProtobufBytes.varintSize(value) }

    /// Bytes of a length-delimited field whose tag takes one byte (numbers 1 to 15).
    @inline(__always)
    static func fieldSize(_ count: Int) -> Int { 1 &+ varintSize(count) &+ count }

    @inline(__always)
    mutating func put(_ byte: UInt8) { ProtobufBytes.putByte(byte, at: &position) }

    /// Two bytes, the first in the low bits.
    @inline(__always)
    mutating func put2(_ bytes: UInt16) {
        position.storeBytes(of: bytes.littleEndian, as: UInt16.self)
        position += 2
    }

    /// Four bytes, the first in the low bits.
    @inline(__always)
    mutating func put4(_ bytes: UInt32) {
        position.storeBytes(of: bytes.littleEndian, as: UInt32.self)
        position += 4
    }

    @inline(__always)
    mutating func putFixed64(_ value: UInt64) { ProtobufBytes.putFixed64(value, at: &position) }

    @inline(__always)
    mutating func putFixed32(_ value: UInt32) { ProtobufBytes.putFixed32(value, at: &position) }

    /// Eight bytes of an id, the first on the wire in the highest bits.
    @inline(__always)
    mutating func putBigEndian(_ value: UInt64) {
        position.storeBytes(of: value.bigEndian, as: UInt64.self)
        position += 8
    }

    @inline(__always)
    mutating func putVarint(_ value: UInt64) { ProtobufBytes.putVarint(value, at: &position) }

    @inline(__always)
    mutating func putVarint(_ value: Int) { putVarint(UInt64(truncatingIfNeeded: value)) }

    @inline(__always)
    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        ctr_copy(position, bytes.baseAddress, bytes.count)
        position += bytes.count
    }

    /// A length-delimited field.
    @inline(__always)
    mutating func putField(_ tag: UInt8, _ bytes: UnsafeRawBufferPointer) {
        if bytes.count < 0x80 {
            put2(UInt16(tag) | UInt16(truncatingIfNeeded: bytes.count) << 8)
        } else {
            put(tag)
            putVarint(bytes.count)
        }
        put(bytes)
    }

    /// A string field.
    @inline(__always)
    mutating func putField(_ tag: UInt8, _ string: String) {
        let position = self.position
        let end = string.utf8.withContiguousStorageIfAvailable {
            Self.putField(tag, UnsafeRawBufferPointer($0), at: position)
        }
        if let end { self.position = end } else { putForeignField(tag, string) }
    }

    /// Not inlined: a string may lie in three ways, each of which would get a copy of this.
    @inline(never)
    private static func putField(
        _ tag: UInt8, _ bytes: UnsafeRawBufferPointer, at position: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        var cursor = SpanBytes(position)
        cursor.putField(tag, bytes)
        return cursor.position
    }

    @inline(never)
    private mutating func putForeignField(_ tag: UInt8, _ string: String) {
        put(tag)
        putVarint(string.utf8.count)
        for byte in string.utf8 { put(byte) }
    }
}

extension UnsafeRawPointer {
    /// Reads a varint that is known to be whole, and moves behind it.
    @inline(__always)
    mutating func takeVarint() -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = load(as: UInt8.self)
            self += 1
            value |= Int(byte & 0x7f) &<< shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }
}

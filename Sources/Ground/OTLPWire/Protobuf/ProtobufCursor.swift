// SPDX-License-Identifier: Apache-2.0

/// A place in the bytes of one protobuf message, for readers that take the fields as they come and keep what
/// they find where it stands.
///
/// Every step checks the end; what does not fit gives nil, false or the tag 0. The bytes must outlive it.
/// Inlinable behind an SPI as ``ProtobufBytes``.
// Safety: `position` never passes `end`; every load is preceded by a check of one against the other.
@_spi(SpanPath) @frozen public struct ProtobufCursor {
    @usableFromInline var position: UnsafeRawPointer
    @usableFromInline let end: UnsafeRawPointer

    /// Stands at the first field; nil for no bytes at all.
    @inlinable @inline(__always)
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        position = base
        end = base + bytes.count
    }

    @inlinable @inline(__always)
    public var isAtEnd: Bool { position == end }

    /// The tag of the next field; 0, which no field has, when there is none that is valid.
    @inlinable @inline(__always)
    public mutating func tag() -> UInt32 {
        guard let value = ProtobufBytes.varint(at: &position, end: end), value >= 8,
            value <= UInt64(UInt32.max)
        else { return 0 }
        return UInt32(truncatingIfNeeded: value)
    }

    @inlinable @inline(__always)
    public mutating func varint() -> UInt64? { ProtobufBytes.varint(at: &position, end: end) }

    @inlinable @inline(__always)
    public mutating func fixed64() -> UInt64? {
        guard end - position >= 8 else { return nil }
        defer { position += 8 }
        return ProtobufBytes.fixed64(at: position)
    }

    @inlinable @inline(__always)
    public mutating func fixed32() -> UInt32? {
        guard end - position >= 4 else { return nil }
        defer { position += 4 }
        return ProtobufBytes.fixed32(at: position)
    }

    /// The bytes of a length-delimited value.
    @inlinable @inline(__always)
    public mutating func bytes() -> UnsafeRawBufferPointer? {
        guard let count = ProtobufBytes.varint(at: &position, end: end), count <= UInt64(end - position)
        else { return nil }
        defer { position += Int(truncatingIfNeeded: count) }
        return UnsafeRawBufferPointer(start: position, count: Int(truncatingIfNeeded: count))
    }

    /// What lies between this place and a later one of the same message.
    public func bytes(upTo later: ProtobufCursor) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: position, count: max(0, later.position - position))
    }

    /// Steps over the value of a field; false for one that is broken, for the tag 0, and for groups, which OTLP
    /// has not.
    @inlinable
    public mutating func skip(_ tag: UInt32) -> Bool {
        // No tag: its lower bits would pass for a varint's.
        guard tag != 0 else { return false }
        return switch WireType(rawValue: UInt8(truncatingIfNeeded: tag & 7)) {
        case .varint: varint() != nil
        case .fixed64: fixed64() != nil
        case .fixed32: fixed32() != nil
        case .lengthDelimited: bytes() != nil
        case .startGroup, .endGroup, nil: false
        }
    }
}

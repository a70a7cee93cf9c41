// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Tracing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Field numbers of OTLP's `Span` that are written when they are set. Source: OTLP 1.11.0, `trace.proto`.
private enum SpanField {
    static let attributes: UInt32 = 9
    static let events: UInt32 = 11
    static let links: UInt32 = 13
}

extension SpanState {
    // MARK: Attributes

    /// Writes everything of an attribute but the content of its `AnyValue`, which takes `valueSize` bytes at the
    /// pointer returned. Nil when the attribute is not to be kept. Call it with the lock held.
    @inline(__always)
    mutating func beginAttribute(
        _ key: UnsafeRawBufferPointer, valueSize: Int
    ) -> UnsafeMutableRawPointer? {
        guard isOpen, key.count > 0 else { return nil }
        let bit = Self.bit(of: key)
        if keysSeen & bit != 0 { removeAttribute(key) }
        guard attributeCount < tracer.attributeCountMax else {
            droppedAttributes &+= 1
            return nil
        }
        let keyFieldSize = 1 + ProtobufBytes.varintSize(UInt64(key.count)) + key.count
        let pairSize = keyFieldSize + 1 + ProtobufBytes.varintSize(UInt64(valueSize)) + valueSize
        guard makeRoom(1 + ProtobufBytes.varintSize(UInt64(pairSize)) + pairSize) else {
            droppedAttributes &+= 1
            return nil
        }
        keysSeen |= bit
        attributeCount &+= 1
        let start = fields + fieldsUsed
        var cursor = start
        ProtobufBytes.putTag(SpanField.attributes, .lengthDelimited, at: &cursor)
        ProtobufBytes.putVarint(UInt64(pairSize), at: &cursor)
        ProtobufBytes.putLengthDelimited(1, key, at: &cursor)
        ProtobufBytes.putTag(2, .lengthDelimited, at: &cursor)
        ProtobufBytes.putVarint(UInt64(valueSize), at: &cursor)
        fieldsUsed = cursor - fields + valueSize
        return cursor
    }

    /// The bit of ``keysSeen`` for a key: from its length, first, middle and last bytes.
    @inline(__always)
    private static func bit(of key: UnsafeRawBufferPointer) -> UInt64 {
        let count = key.count
        var hash = UInt64(count) &* 0x9e37_79b9_7f4a_7c15
        hash ^= UInt64(key[0]) &* 0xff51_afd7_ed55_8ccd
        hash ^= UInt64(key[count >> 1]) &* 0xc4ce_b9fe_1a85_ec53
        hash ^= UInt64(key[count - 1]) &* 0xd6e8_feb8_6659_fd93
        return 1 << (hash >> 58)
    }

    /// Takes the attribute `key` out of the fields, if it is there.
    @inline(never)
    private mutating func removeAttribute(_ key: UnsafeRawBufferPointer) {
        guard let found = findAttribute(key) else { return }
        let end = fields + fieldsUsed
        let after = found.start + found.size
        memmove(found.start, after, end - after)
        fieldsUsed -= found.size
        attributeCount &-= 1
    }

    private func findAttribute(
        _ key: UnsafeRawBufferPointer
    ) -> (start: UnsafeMutableRawPointer, size: Int)? {
        var cursor = UnsafeRawPointer(fields)
        let end = cursor + fieldsUsed
        while cursor < end {
            let start = cursor
            let tag = cursor.load(as: UInt8.self)
            cursor += 1
            guard let size = ProtobufBytes.varint(at: &cursor, end: end) else { return nil }
            let next = cursor + Int(size)
            if tag == UInt8(SpanField.attributes << 3 | 2) {
                cursor += 1
                guard let keySize = ProtobufBytes.varint(at: &cursor, end: end) else { return nil }
                if Int(keySize) == key.count, let wanted = key.baseAddress,
                    memcmp(cursor, wanted, key.count) == 0
                {
                    return (UnsafeMutableRawPointer(mutating: start), next - start)
                }
            }
            cursor = next
        }
        return nil
    }

    /// Sets an attribute. With the lock held; the value is within the limits or cut here.
    mutating func put(_ key: String, _ value: AttributeValue) {
        let value = value.limited(by: tracer.limits)
        var key = key
        key.withUTF8 { key in
            guard var cursor = beginAttribute(UnsafeRawBufferPointer(key), valueSize: value.encodedSize)
            else { return }
            value.encode(at: &cursor)
        }
    }

    /// Takes those attributes out of the fields that swift-distributed-tracing can express. With the lock held.
    mutating func moveAttributes(_ give: (String, SpanAttribute) -> Void) {
        var limits = WireLimits()
        limits.depth = SpanBatch.decodingDepthMax
        let bytes = UnsafeRawBufferPointer(start: fields, count: fieldsUsed)
        guard let span = try? OTLPProtobuf.decode(SpanData.self, from: bytes, limits: limits) else { return }
        for attribute in span.attributes {
            guard let value = SpanAttribute(attribute.value) else { continue }
            var key = attribute.key
            key.withUTF8 { removeAttribute(UnsafeRawBufferPointer($0)) }
            give(attribute.key, value)
        }
    }

    // MARK: Events

    mutating func appendEvent(_ name: String, time: UInt64, attributes: Attributes?, dropped: UInt32) -> Bool
    {
        let nameSize = name.utf8.count
        var size = 9 + ProtobufBytes.lengthDelimitedSize(2, count: nameSize)
        if let attributes { size += attributes.encodedSize(field: 3) }
        if dropped > 0 { size += 1 + ProtobufBytes.varintSize(UInt64(dropped)) }
        guard makeRoom(1 + ProtobufBytes.varintSizeMax + size) else { return false }
        var cursor = fields + fieldsUsed
        ProtobufBytes.putTag(SpanField.events, .lengthDelimited, at: &cursor)
        ProtobufBytes.putVarint(UInt64(size), at: &cursor)
        ProtobufBytes.putTag(1, .fixed64, at: &cursor)
        ProtobufBytes.putFixed64(time, at: &cursor)
        ProtobufBytes.putString(2, name, at: &cursor)
        attributes?.encode(field: 3, at: &cursor)
        if dropped > 0 {
            ProtobufBytes.putTag(4, .varint, at: &cursor)
            ProtobufBytes.putVarint(UInt64(dropped), at: &cursor)
        }
        fieldsUsed = cursor - fields
        return true
    }

    // MARK: Links

    mutating func appendLink(
        _ context: SpanContext, traceState: String, attributes: Attributes, dropped: UInt32
    ) -> Bool {
        var size = 18 + 10 + 5 + attributes.encodedSize(field: 4)
        if !traceState.isEmpty { size += ProtobufBytes.lengthDelimitedSize(3, count: traceState.utf8.count) }
        if dropped > 0 { size += 1 + ProtobufBytes.varintSize(UInt64(dropped)) }
        guard makeRoom(1 + ProtobufBytes.varintSizeMax + size) else { return false }
        var cursor = fields + fieldsUsed
        ProtobufBytes.putTag(SpanField.links, .lengthDelimited, at: &cursor)
        ProtobufBytes.putVarint(UInt64(size), at: &cursor)
        SpanEncoding.putTraceID(1, context.traceID, at: &cursor)
        SpanEncoding.putSpanID(2, context.spanID.value, at: &cursor)
        if !traceState.isEmpty { ProtobufBytes.putString(3, traceState, at: &cursor) }
        attributes.encode(field: 4, at: &cursor)
        if dropped > 0 {
            ProtobufBytes.putTag(5, .varint, at: &cursor)
            ProtobufBytes.putVarint(UInt64(dropped), at: &cursor)
        }
        ProtobufBytes.putTag(6, .fixed32, at: &cursor)
        ProtobufBytes.putFixed32(
            SpanEncoding.flags(context.traceFlags, isRemote: context.isRemote), at: &cursor)
        fieldsUsed = cursor - fields
        return true
    }
}

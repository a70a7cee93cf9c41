// SPDX-License-Identifier: Apache-2.0

import OTLPWire
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel
import Tracing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SpanState {
    // MARK: What is known at the start

    /// Ids 28, parent 10, kind 2, time 9, flags 6.
    private static let sizeMaxBeforeName = 55

    /// Before everything else, if there is one.
    @inline(never)
    mutating func begin(traceState: String) {
        guard makeRoom(Self.sizeMaxBeforeName + SpanBytes.fieldSize(traceState.utf8.count)) else { return }
        var bytes = SpanBytes(fields)
        bytes.putField(SpanTag.traceState, traceState)
        fieldsUsed = bytes.position - fields
    }

    @inline(__always)
    mutating func begin(
        _ identity: SpanIdentity, parentSpanID: UInt64, parentIsRemote: Bool, _ name: String,
        _ kind: TelemetryModel.SpanKind
    ) {
        // Sixteen megabytes of name: no receiver would take it.
        let fits = makeRoom(Self.sizeMaxBeforeName &+ SpanBytes.fieldSize(name.utf8.count))
        var bytes = SpanBytes(fields + fieldsUsed)
        bytes.put2(SpanTag.traceIDWithSize)
        bytes.putBigEndian(identity.traceHigh)
        bytes.putBigEndian(identity.traceLow)
        bytes.put2(SpanTag.spanIDWithSize)
        bytes.putBigEndian(identity.spanID)
        if parentSpanID != 0 {
            bytes.put2(SpanTag.parentSpanIDWithSize)
            bytes.putBigEndian(parentSpanID)
        }
        bytes.put(SpanTag.kind)
        bytes.put(UInt8(truncatingIfNeeded: kind.rawValue))
        bytes.put(SpanTag.startTime)
        bytes.putFixed64(startUnixNano)
        bytes.put2(SpanTag.flags)
        bytes.putFixed32(SpanTag.flags(identity.flags, isRemote: parentIsRemote))
        nameOffset = bytes.position - fields
        if fits { bytes.putField(SpanTag.name, name) } else { bytes.put2(UInt16(SpanTag.name)) }
        fieldsUsed = bytes.position - fields
    }

    // MARK: Attributes

    /// Writes everything of an attribute but the content of its `AnyValue`, which takes `valueSize` bytes at the
    /// place returned. Nil when the attribute is not to be kept. Call it with the lock held.
    @inline(__always)
    mutating func beginAttribute(_ key: UnsafeRawBufferPointer, valueSize: Int) -> UnsafeMutableRawPointer? {
        let count = key.count
        // Two tags and two lengths, of one byte each as nearly always.
        let pairSize = count &+ valueSize &+ 4
        guard phase == .recording, count > 0, pairSize < 0x80, pairSize &+ 2 <= fieldsCapacity &- fieldsUsed,
            attributeCount < tracer.pointee.attributeCountMax
        else { return beginUnusualAttribute(key, valueSize) }
        let bit = Self.bit(of: key)
        guard keysSeen & bit == 0 else { return beginUnusualAttribute(key, valueSize) }
        keysSeen |= bit
        attributeCount &+= 1
        var bytes = SpanBytes(fields + fieldsUsed)
        fieldsUsed &+= pairSize &+ 2
        bytes.put4(
            UInt32(SpanTag.attributes) | UInt32(truncatingIfNeeded: pairSize) << 8
                | UInt32(SpanTag.KeyValue.key) << 16 | UInt32(truncatingIfNeeded: count) << 24)
        bytes.put(key)
        bytes.put2(UInt16(SpanTag.KeyValue.value) | UInt16(truncatingIfNeeded: valueSize) << 8)
        return bytes.position
    }

    /// The same for a key that may be there already, for long ones, at a limit, and at the span's end.
    @inline(never)
    private mutating func beginUnusualAttribute(
        _ key: UnsafeRawBufferPointer, _ valueSize: Int
    ) -> UnsafeMutableRawPointer? {
        guard isOpen, key.count > 0 else { return nil }
        let bit = Self.bit(of: key)
        let pairSize = SpanBytes.fieldSize(key.count) &+ 1 &+ SpanBytes.varintSize(valueSize) &+ valueSize
        let size = SpanBytes.fieldSize(pairSize)
        if keysSeen & bit != 0 { replaceAttribute(key, with: size) }
        guard attributeCount < tracer.pointee.attributeCountMax, makeRoom(size) else {
            drop(.attributes)
            return nil
        }
        keysSeen |= bit
        attributeCount &+= 1
        var bytes = SpanBytes(fields + fieldsUsed)
        fieldsUsed &+= size
        bytes.put(SpanTag.attributes)
        bytes.putVarint(pairSize)
        bytes.putField(SpanTag.KeyValue.key, key)
        bytes.put(SpanTag.KeyValue.value)
        bytes.putVarint(valueSize)
        return bytes.position
    }

    /// The bit of ``keysSeen`` for a key: from its length, first, middle and last bytes.
    @inline(__always)
    private static func bit(of key: UnsafeRawBufferPointer) -> UInt64 {
        let count = key.count
        let bytes =
            UInt64(key[0]) | UInt64(key[count >> 1]) << 8 | UInt64(key[count &- 1]) << 16
            | UInt64(truncatingIfNeeded: count) << 24
        return 1 << ((bytes &* 0x9e37_79b9_7f4a_7c15) >> 58)
    }

    /// Takes the attribute `key` out of the fields, if it is there and its successor of `size` bytes fits in: an old
    /// value is better than none.
    @inline(never)
    private mutating func replaceAttribute(_ key: UnsafeRawBufferPointer, with size: Int) {
        guard let (start, oldSize) = findAttribute(key),
            fieldsUsed - oldSize + size <= SpanLimits.encodedBytesMax
        else { return }
        removeFields(at: start, size: oldSize)
        attributeCount &-= 1
    }

    /// Takes the attribute `key` out of the fields, if it is there.
    private mutating func removeAttribute(_ key: UnsafeRawBufferPointer) {
        guard let (start, size) = findAttribute(key) else { return }
        removeFields(at: start, size: size)
        attributeCount &-= 1
    }

    private mutating func removeFields(at offset: Int, size: Int) {
        let start = fields + offset
        memmove(start, start + size, fieldsUsed - offset - size)
        fieldsUsed -= size
    }

    private func findAttribute(_ key: UnsafeRawBufferPointer) -> (start: Int, size: Int)? {
        let first = UnsafeRawPointer(fields)
        let end = first + fieldsUsed
        var cursor = first + nameOffset
        while cursor < end {
            let start = cursor
            let tag = cursor.load(as: UInt8.self)
            cursor += 1
            let size = cursor.takeVarint()
            let next = cursor + size
            if tag == SpanTag.attributes {
                cursor += 1
                let keySize = cursor.takeVarint()
                if keySize == key.count, let wanted = key.baseAddress, memcmp(cursor, wanted, keySize) == 0 {
                    return (start - first, next - start)
                }
            }
            cursor = next
        }
        return nil
    }

    /// Sets an attribute. With the lock held.
    mutating func put(_ key: String, _ value: AttributeValue) {
        let value = value.limited(by: tracer.owner.limits)
        var key = key
        key.withUTF8 { key in
            let key = UnsafeRawBufferPointer(key)
            guard let place = beginAttribute(key, valueSize: value.encodedSize) else { return }
            var bytes = SpanBytes(place)
            value.encode(at: &bytes)
        }
    }

    /// Takes those attributes out of the fields that swift-distributed-tracing can express. With the lock held.
    mutating func moveAttributes(_ give: (String, SpanAttribute) -> Void) {
        for attribute in decoded.attributes {
            guard let value = SpanAttribute(attribute.value) else { continue }
            var key = attribute.key
            key.withUTF8 { removeAttribute(UnsafeRawBufferPointer($0)) }
            give(attribute.key, value)
        }
    }

    /// The fields so far as a value. With the lock held, or after the end.
    var decoded: SpanData {
        var limits = WireLimits()
        limits.depth = SpanBatch.decodingDepthMax
        let bytes = UnsafeRawBufferPointer(start: fields, count: fieldsUsed)
        let span = try? OTLPProtobuf.decode(SpanData.self, from: bytes, limits: limits)
        return span
            ?? SpanData(
                traceID: .invalid, spanID: .invalid, name: "", startTimeUnixNano: startUnixNano,
                endTimeUnixNano: endUnixNano)
    }

    // MARK: Name

    var name: String {
        var cursor = UnsafeRawPointer(fields) + nameOffset + 1
        let size = cursor.takeVarint()
        return String(decoding: UnsafeRawBufferPointer(start: cursor, count: size), as: UTF8.self)
    }

    /// With the lock held. A name too long for the span is ignored.
    mutating func rename(_ name: String) {
        let size = SpanBytes.fieldSize(name.utf8.count)
        guard makeRoom(size) else { return }
        var cursor = UnsafeRawPointer(fields) + nameOffset + 1
        let oldSize = cursor.takeVarint() + (cursor - UnsafeRawPointer(fields) - nameOffset)
        let start = fields + nameOffset
        memmove(start + size, start + oldSize, fieldsUsed - nameOffset - oldSize)
        var bytes = SpanBytes(start)
        bytes.putField(SpanTag.name, name)
        fieldsUsed += size - oldSize
    }

    // MARK: Events and links

    @inline(__always)
    mutating func appendEvent(_ name: String, time: UInt64) -> Bool {
        let count = name.utf8.count
        let size = 9 &+ SpanBytes.fieldSize(count)
        guard makeRoom(SpanBytes.fieldSize(size)) else { return false }
        var bytes = SpanBytes(fields + fieldsUsed)
        if size < 0x80 {
            bytes.put2(UInt16(SpanTag.events) | UInt16(truncatingIfNeeded: size) << 8)
        } else {
            bytes.put(SpanTag.events)
            bytes.putVarint(size)
        }
        bytes.put(SpanTag.Event.time)
        bytes.putFixed64(time)
        bytes.putField(SpanTag.Event.name, name)
        fieldsUsed = bytes.position - fields
        return true
    }

    mutating func appendEvent(_ name: String, time: UInt64, _ attributes: Attributes, dropped: UInt32) -> Bool
    {
        var size = 9 + SpanBytes.fieldSize(name.utf8.count) + attributes.encodedSize
        if dropped > 0 { size += 1 + SpanBytes.varintSize(UInt64(dropped)) }
        guard makeRoom(SpanBytes.fieldSize(size)) else { return false }
        var bytes = SpanBytes(fields + fieldsUsed)
        bytes.put(SpanTag.events)
        bytes.putVarint(size)
        bytes.put(SpanTag.Event.time)
        bytes.putFixed64(time)
        bytes.putField(SpanTag.Event.name, name)
        attributes.encode(SpanTag.Event.attributes, at: &bytes)
        if dropped > 0 {
            bytes.put(SpanTag.Event.droppedAttributes)
            bytes.putVarint(UInt64(dropped))
        }
        fieldsUsed = bytes.position - fields
        return true
    }

    mutating func appendLink(
        _ context: SpanContext, traceState: String, _ attributes: Attributes, dropped: UInt32
    ) -> Bool {
        var size = 18 + 10 + 5 + attributes.encodedSize
        if !traceState.isEmpty { size += SpanBytes.fieldSize(traceState.utf8.count) }
        if dropped > 0 { size += 1 + SpanBytes.varintSize(UInt64(dropped)) }
        guard makeRoom(SpanBytes.fieldSize(size)) else { return false }
        var bytes = SpanBytes(fields + fieldsUsed)
        bytes.put(SpanTag.links)
        bytes.putVarint(size)
        bytes.put2(SpanTag.traceIDWithSize)
        bytes.putBigEndian(context.traceID.high)
        bytes.putBigEndian(context.traceID.low)
        bytes.put2(SpanTag.spanIDWithSize)
        bytes.putBigEndian(context.spanID.value)
        if !traceState.isEmpty { bytes.putField(SpanTag.traceState, traceState) }
        attributes.encode(SpanTag.Link.attributes, at: &bytes)
        if dropped > 0 {
            bytes.put(SpanTag.Link.droppedAttributes)
            bytes.putVarint(UInt64(dropped))
        }
        bytes.put(SpanTag.Link.flags)
        bytes.putFixed32(SpanTag.flags(context.traceFlags.rawValue, isRemote: context.isRemote))
        fieldsUsed = bytes.position - fields
        return true
    }
}

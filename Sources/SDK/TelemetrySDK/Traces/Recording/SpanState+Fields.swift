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

    /// Ids 28, parent 10, kind 2, time 9, flags 6; and 2 for a name that found no room.
    private static let sizeMaxBeforeName = 57

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
        // There is room: see begin(traceState:).
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
        bytes.put2(UInt16(SpanTag.kind) | UInt16(UInt8(truncatingIfNeeded: kind.rawValue)) << 8)
        bytes.put(SpanTag.startTime)
        bytes.putFixed64(startUnixNano)
        bytes.put2(SpanTag.flags)
        bytes.putFixed32(SpanTag.flags(identity.flags, isRemote: parentIsRemote))
        nameOffset = bytes.position - fields
        let isDone: Void? = name.utf8.withContiguousStorageIfAvailable {
            begin(named: UnsafeRawBufferPointer($0))
        }
        if isDone == nil { begin(foreignName: name) }
    }

    /// Not inlined: a string may lie in three ways, each of which would get a copy of this.
    @inline(never)
    private mutating func begin(named name: UnsafeRawBufferPointer) {
        let count = name.count
        if count < 0x80, count &+ 2 <= fieldsCapacity &- nameOffset {
            var bytes = SpanBytes(fields + nameOffset)
            bytes.put2(UInt16(SpanTag.name) | UInt16(truncatingIfNeeded: count) << 8)
            bytes.put(name)
            fieldsUsed = nameOffset &+ count &+ 2
        } else {
            fieldsUsed = nameOffset
            // Sixteen megabytes of name: no receiver would take it.
            let fits = makeRoom(SpanBytes.fieldSize(count))
            var bytes = SpanBytes(fields + nameOffset)
            if fits { bytes.putField(SpanTag.name, name) } else { bytes.put2(UInt16(SpanTag.name)) }
            fieldsUsed = bytes.position - fields
        }
    }

    @inline(never)
    private mutating func begin(foreignName name: String) {
        var name = name
        name.withUTF8 { begin(named: UnsafeRawBufferPointer($0)) }
    }

    // MARK: Attributes

    /// Sets an attribute. With the lock held, as all of these.
    @inline(__always)
    mutating func put(_ key: UnsafeRawBufferPointer, _ value: ShortValue) {
        guard var bytes = beginUsualAttribute(key, valueSize: value.size, slack: ShortValue.sizeMax) else {
            return putUnusual(key, value)
        }
        bytes.put2(UInt16(SpanTag.KeyValue.value) | UInt16(truncatingIfNeeded: value.size) << 8)
        // All of it: what is too much is overwritten by what follows.
        bytes.putFixed64(value.low)
        bytes.putFixed64(value.high)
    }

    @inline(never)
    private mutating func putUnusual(_ key: UnsafeRawBufferPointer, _ value: ShortValue) {
        guard let place = beginUnusualAttribute(key, value.size) else { return }
        var bytes = SpanBytes(place)
        for index in 0..<value.size { bytes.put(value.byte(index)) }
    }

    /// A string, whatever its length.
    @inline(__always)
    mutating func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        let count = value.count
        guard count < 0x70, var bytes = beginUsualAttribute(key, valueSize: count &+ 2, slack: 0) else {
            return putUnusual(key, value)
        }
        bytes.put4(
            UInt32(SpanTag.KeyValue.value) | UInt32(truncatingIfNeeded: count &+ 2) << 8
                | UInt32(SpanTag.Value.string) << 16 | UInt32(truncatingIfNeeded: count) << 24)
        bytes.put(value)
    }

    @inline(never)
    private mutating func putUnusual(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
        guard let place = beginUnusualAttribute(key, SpanBytes.fieldSize(value.count)) else { return }
        var bytes = SpanBytes(place)
        bytes.putField(SpanTag.Value.string, value)
    }

    /// A value of any kind, cut down to the limits.
    mutating func put(_ key: UnsafeRawBufferPointer, _ value: AttributeValue) {
        guard let place = beginUnusualAttribute(key, value.encodedSize) else { return }
        var bytes = SpanBytes(place)
        value.encode(at: &bytes)
    }

    /// Writes an attribute up to its value, the `valueSize` bytes of which go, behind tag and length, to the place
    /// returned. Nil for a key that may be there already, for long ones, at a limit, and at the span's end.
    @inline(__always)
    private mutating func beginUsualAttribute(
        _ key: UnsafeRawBufferPointer, valueSize: Int, slack: Int
    ) -> SpanBytes? {
        let count = key.count
        // Two tags and two lengths, of one byte each as nearly always.
        let pairSize = count &+ valueSize &+ 4
        guard phase == .recording,
            // There is a key, and the whole is shorter than 0x80: in one comparison.
            UInt(bitPattern: count &- 1) < UInt(bitPattern: 0x7b &- valueSize),
            pairSize &+ 2 &+ slack <= fieldsCapacity &- fieldsUsed,
            attributeCount < tracer.pointee.attributeCountMax
        else { return nil }
        let bit = Self.bit(of: key)
        guard keysSeen & bit == 0 else { return nil }
        keysSeen |= bit
        attributeCount &+= 1
        var bytes = SpanBytes(fields + fieldsUsed)
        fieldsUsed &+= pairSize &+ 2
        bytes.put4(
            UInt32(SpanTag.attributes) | UInt32(truncatingIfNeeded: pairSize) << 8
                | UInt32(SpanTag.KeyValue.key) << 16 | UInt32(truncatingIfNeeded: count) << 24)
        bytes.put(key)
        return bytes
    }

    /// Writes everything of an attribute but the content of its `AnyValue`, which takes `valueSize` bytes at the
    /// place returned. Nil when the attribute is not to be kept.
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

    /// The bit of ``keysSeen`` for a key: from its length, first, middle and last bytes, whose low bits tell most.
    @inline(__always)
    private static func bit(of key: UnsafeRawBufferPointer) -> UInt64 {
        let count = key.count
        let ends = UInt64(key[0]) &+ UInt64(key[count &- 1]) &* 4
        let middle = UInt64(key[count >> 1]) &* 8
        return 1 &<< (ends &+ middle &+ UInt64(truncatingIfNeeded: count) &* 2)
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
    mutating func appendEvent(_ name: UnsafeRawBufferPointer, time: UInt64) -> Bool {
        let count = name.count
        // A tag and a length of one byte each, as nearly always; a tag and eight bytes of time.
        let size = count &+ 11
        guard count < 0x80 - 11, size &+ 2 <= fieldsCapacity &- fieldsUsed else {
            return appendLongEvent(name, time: time)
        }
        var bytes = SpanBytes(fields + fieldsUsed)
        fieldsUsed &+= size &+ 2
        bytes.put2(UInt16(SpanTag.events) | UInt16(truncatingIfNeeded: size) << 8)
        bytes.put(SpanTag.Event.time)
        bytes.putFixed64(time)
        bytes.put2(UInt16(SpanTag.Event.name) | UInt16(truncatingIfNeeded: count) << 8)
        bytes.put(name)
        return true
    }

    @inline(never)
    private mutating func appendLongEvent(_ name: UnsafeRawBufferPointer, time: UInt64) -> Bool {
        let size = 9 &+ SpanBytes.fieldSize(name.count)
        guard makeRoom(SpanBytes.fieldSize(size)) else { return false }
        var bytes = SpanBytes(fields + fieldsUsed)
        bytes.put(SpanTag.events)
        bytes.putVarint(size)
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

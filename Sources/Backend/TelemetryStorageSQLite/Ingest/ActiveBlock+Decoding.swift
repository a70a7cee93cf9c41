// SPDX-License-Identifier: Apache-2.0

@_spi(SpanPath) import OTLPWire
import TelemetryModel
import TelemetryStorage

/// Bytes of a request into the rows and values of the active block: nothing is made in between.
///
/// Requests were looked through before they came (``EncodedSpans``), so that what is wrong here is damage of the
/// journal. Field numbers: OTLP 1.11.0, trace/v1/trace.proto and common/v1/common.proto.
extension ActiveBlock {
    /// Appends all spans of a request. When it throws, some may have been appended: ``truncate(to:)``.
    mutating func append(_ request: UnsafeRawBufferPointer) throws(StorageError) {
        count(requestBytes: request.count)
        guard var cursor = ProtobufCursor(request) else { return }
        while !cursor.isAtEnd {
            let tag = cursor.tag()
            if tag == bytesTag(1) {
                guard let part = cursor.bytes() else { throw .brokenRequest }
                try appendResourceSpans(part)
            } else if !cursor.skip(tag) {
                throw .brokenRequest
            }
        }
    }

    private mutating func appendResourceSpans(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        let resource = try resource(try Self.fields(of: bytes, without: 2))
        guard var cursor = ProtobufCursor(bytes) else { return }
        while !cursor.isAtEnd {
            let tag = cursor.tag()
            if tag == bytesTag(2) {
                guard let part = cursor.bytes() else { throw .brokenRequest }
                try appendScopeSpans(part, resource: resource)
            } else if !cursor.skip(tag) {
                throw .brokenRequest
            }
        }
    }

    private mutating func appendScopeSpans(
        _ bytes: UnsafeRawBufferPointer, resource: ResourceNumbers
    ) throws(StorageError) {
        let scope = try Self.fields(of: bytes, without: 2)
        var place: UInt32?
        guard var cursor = ProtobufCursor(bytes) else { return }
        while !cursor.isAtEnd {
            let tag = cursor.tag()
            if tag == bytesTag(2) {
                // No origin for parts without a span.
                let known = if let place { place } else { try origin(of: resource.resource, scope: scope) }
                place = known
                guard let span = cursor.bytes(),
                    appendSpan(span, origin: known, service: resource.service)
                else { throw .brokenRequest }
            } else if !cursor.skip(tag) {
                throw .brokenRequest
            }
        }
    }

    /// All fields of a message but those of one number, as they stand: what names a resource or scope.
    private static func fields(
        of bytes: UnsafeRawBufferPointer, without field: UInt32
    ) throws(StorageError) -> [UInt8] {
        var fields: [UInt8] = []
        guard var cursor = ProtobufCursor(bytes) else { return fields }
        while !cursor.isAtEnd {
            let start = cursor
            let tag = cursor.tag()
            guard cursor.skip(tag) else { throw .brokenRequest }
            if tag >> 3 != field { fields.append(contentsOf: start.bytes(upTo: cursor)) }
        }
        return fields
    }

    private mutating func appendSpan(
        _ bytes: UnsafeRawBufferPointer, origin: UInt32, service: UInt32
    ) -> Bool {
        guard var span = ProtobufCursor(bytes) else { return false }
        var row = Row()
        row.origin = origin
        let firstValue = values.count
        row.firstValue = UInt32(truncatingIfNeeded: firstValue)
        var shape = ShapeTree.root
        var hasTrace = false
        var name = UnsafeRawBufferPointer(start: nil, count: 0)
        var kind = SpanKind.unspecified
        let noKey = UnsafeRawBufferPointer(start: nil, count: 0)
        while !span.isAtEnd {
            let tag = span.tag()
            switch tag {
            case bytesTag(1):
                guard let id = span.bytes(), id.count == 16 else { return false }
                row.trace = traceNumber(high: id.bigEndian(at: 0), low: id.bigEndian(at: 8))
                hasTrace = true
            case bytesTag(2):
                guard let id = span.bytes(), id.count == 8 else { return false }
                row.spanID = id.bigEndian(at: 0)
            case bytesTag(3):
                guard let text = span.bytes() else { return false }
                shape = add(text, .traceState, noKey, after: shape)
            case bytesTag(4):
                guard let id = span.bytes() else { return false }
                row.parentSpanID = id.count == 8 ? id.bigEndian(at: 0) : 0
            case bytesTag(5):
                guard let text = span.bytes() else { return false }
                name = text
            case varintTag(6):
                guard let value = span.varint() else { return false }
                kind = SpanKind(rawValue: Int32(truncatingIfNeeded: value)) ?? .unspecified
            case fixed64Tag(7):
                guard let value = span.fixed64() else { return false }
                row.start = value
            case fixed64Tag(8):
                guard let value = span.fixed64() else { return false }
                row.end = value
            case bytesTag(9):
                guard let attribute = span.bytes(), add(attribute, .spanAttribute, after: &shape)
                else { return false }
            case varintTag(10), varintTag(12), varintTag(14):
                guard let value = span.varint() else { return false }
                let place: Slot.Place =
                    tag == varintTag(10)
                    ? .droppedAttributes : tag == varintTag(12) ? .droppedEvents : .droppedLinks
                shape = add(UInt64(UInt32(truncatingIfNeeded: value)), place, after: shape)
            case bytesTag(11):
                guard let event = span.bytes(), addEvent(event, after: &shape) else { return false }
            case bytesTag(13):
                guard let link = span.bytes(), addLink(link, after: &shape) else { return false }
            case bytesTag(15):
                guard let status = span.bytes(), addStatus(status, to: &row, after: &shape)
                else { return false }
            case fixed32Tag(16):
                guard let value = span.fixed32() else { return false }
                shape = add(UInt64(value), .flags, after: shape)
            default:
                guard span.skip(tag) else { return false }
            }
        }
        guard hasTrace else { return false }
        if shape == ShapeTree.none {
            values.truncate(to: firstValue)
            shape = follow(ShapeTree.root, .whole, .bytes, noKey)
            values.append(UInt64(dictionaries[shapes.lastSlot(of: shape)].add(bytes: bytes)))
        }
        row.shape = shape
        row.operation = operation(name: name, kind: kind, service: service)
        rows.append(row)
        return true
    }

    // Each gives or sets the node of the shape after what it added.

    @inline(__always)
    mutating func follow(
        _ node: Int32, _ place: Slot.Place, _ kind: Slot.Kind, _ key: UnsafeRawBufferPointer
    ) -> Int32 {
        let next = shapes.follow(node, place, kind, key)
        while dictionaries.count < shapes.slotCount { addDictionary() }
        return next
    }

    @inline(__always)
    mutating func add(_ number: UInt64, _ place: Slot.Place, after node: Int32) -> Int32 {
        values.append(number)
        return follow(node, place, .int, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    @inline(__always)
    mutating func add(
        _ text: UnsafeRawBufferPointer, _ place: Slot.Place, _ key: UnsafeRawBufferPointer, after node: Int32
    ) -> Int32 {
        let next = follow(node, place, .string, key)
        guard next >= 0 else { return next }
        values.append(UInt64(dictionaries[shapes.lastSlot(of: next)].add(text: text)))
        return next
    }

    @inline(__always)
    mutating func add(
        _ bytes: UnsafeRawBufferPointer, _ place: Slot.Place, after node: inout Int32
    ) -> Bool {
        var key = UnsafeRawBufferPointer(start: nil, count: 0)
        var value = key
        guard var attribute = ProtobufCursor(bytes) else {
            node = follow(node, place, .none, key)
            return true
        }
        while !attribute.isAtEnd {
            let tag = attribute.tag()
            if tag == bytesTag(1) {
                guard let bytes = attribute.bytes() else { return false }
                key = bytes
            } else if tag == bytesTag(2) {
                guard let bytes = attribute.bytes() else { return false }
                value = bytes
            } else if !attribute.skip(tag) {
                return false
            }
        }
        return add(value: value, place, key, after: &node)
    }

    @inline(__always)
    mutating func add(
        value bytes: UnsafeRawBufferPointer, _ place: Slot.Place, _ key: UnsafeRawBufferPointer,
        after node: inout Int32
    ) -> Bool {
        guard var value = ProtobufCursor(bytes) else {
            node = follow(node, place, .none, key)
            return true
        }
        let tag = value.tag()
        switch tag {
        case bytesTag(1):
            guard let text = value.bytes() else { return false }
            node = add(text, place, key, after: node)
        case varintTag(2), varintTag(3):
            guard let number = value.varint() else { return false }
            node = follow(node, place, tag == varintTag(2) ? .bool : .int, key)
            values.append(tag == varintTag(2) ? (number == 0 ? 0 : 1) : number)
        case fixed64Tag(4):
            guard let number = value.fixed64() else { return false }
            node = follow(node, place, .double, key)
            values.append(number)
        case bytesTag(5), bytesTag(6), bytesTag(7):
            guard let inner = value.bytes() else { return false }
            let isBytes = tag == bytesTag(7)
            node = follow(node, place, isBytes ? .bytes : .complex, key)
            guard node >= 0 else { return true }
            values.append(
                UInt64(dictionaries[shapes.lastSlot(of: node)].add(bytes: isBytes ? inner : bytes)))
        default:
            guard value.skip(tag) else { return false }
            node = follow(node, place, .none, key)
        }
        return true
    }

    @inline(__always)
    private mutating func addStatus(
        _ bytes: UnsafeRawBufferPointer, to row: inout Row, after node: inout Int32
    ) -> Bool {
        guard var status = ProtobufCursor(bytes) else { return true }
        while !status.isAtEnd {
            let tag = status.tag()
            switch tag {
            case bytesTag(2):
                guard let text = status.bytes() else { return false }
                node = add(
                    text, .statusMessage, UnsafeRawBufferPointer(start: nil, count: 0), after: node)
            case varintTag(3):
                guard let value = status.varint() else { return false }
                let code = SpanStatus.Code(rawValue: Int32(truncatingIfNeeded: value)) ?? .unset
                row.status = UInt8(truncatingIfNeeded: code.rawValue)
            default:
                guard status.skip(tag) else { return false }
            }
        }
        return true
    }
}

@inline(__always)
func bytesTag(_ field: UInt32) -> UInt32 { ProtobufBytes.tag(field, .lengthDelimited) }
@inline(__always)
func varintTag(_ field: UInt32) -> UInt32 { ProtobufBytes.tag(field, .varint) }
@inline(__always)
func fixed64Tag(_ field: UInt32) -> UInt32 { ProtobufBytes.tag(field, .fixed64) }
@inline(__always)
func fixed32Tag(_ field: UInt32) -> UInt32 { ProtobufBytes.tag(field, .fixed32) }

extension UnsafeRawBufferPointer {
    /// The caller has checked that eight bytes are there.
    @inline(__always)
    func bigEndian(at offset: Int) -> UInt64 {
        UInt64(bigEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension StorageError {
    fileprivate static let brokenRequest = StorageError.damaged("a request in the journal")
}

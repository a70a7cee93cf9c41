// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Looks through a request of traces without making values of it.
///
/// A plain request is one that ``OTLPProtobuf`` reads too, and in which every value stands once and whole: no
/// groups, no `AnyValue` of several members, no value in two pieces. All known senders write only such.
/// Others are read as messages and written anew.
package struct TraceRequestScan: Hashable, Sendable {
    package private(set) var spanCount = 0
    /// Whether a span has a trace or span id that is missing, zero or of a wrong length.
    package private(set) var hasInvalidIDs = false

    private let limits: WireLimits

    /// Nil for what is not plain, a broken request among it.
    package init?(_ bytes: UnsafeRawBufferPointer, limits: WireLimits = .default) {
        self.limits = limits
        guard bytes.count <= limits.messageBytes else { return nil }
        guard var request = ProtobufCursor(bytes) else { return }
        while !request.isAtEnd {
            let tag = request.tag()
            if tag == Tag.bytes(1) {
                guard let part = request.bytes(), scanResourceSpans(part) else { return nil }
            } else if !request.skip(tag) {
                return nil
            }
        }
    }

    /// As above, from borrowed bytes; the result keeps none of them.
    package init?(_ bytes: borrowing RawSpan, limits: WireLimits = .default) {
        let scan = bytes.withUnsafeBytes { TraceRequestScan($0, limits: limits) }
        guard let scan else { return nil }
        self = scan
    }

    /// Messages around a resource or scope, an attribute's value, and one of an event or link.
    private enum Depth {
        static let resource = 2
        static let scope = 3
        static let spanValue = 5
        static let innerValue = 6
    }

    private enum Tag {
        @inline(__always)
        static func bytes(_ field: UInt32) -> UInt32 { ProtobufBytes.tag(field, .lengthDelimited) }
        @inline(__always)
        static func varint(_ field: UInt32) -> UInt32 { ProtobufBytes.tag(field, .varint) }
    }

    private func isValid<Message: OTLPMessage>(
        _ type: Message.Type, _ bytes: UnsafeRawBufferPointer, depth: Int
    ) -> Bool {
        var inner = limits
        inner.depth = max(0, limits.depth - depth)
        do throws(WireError) {
            _ = try OTLPProtobuf.decode(type, from: bytes, limits: inner)
            return true
        } catch {
            return false
        }
    }

    private mutating func scanResourceSpans(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard var part = ProtobufCursor(bytes) else { return true }
        while !part.isAtEnd {
            let tag = part.tag()
            switch tag {
            case Tag.bytes(1):
                guard let resource = part.bytes(), isValid(Resource.self, resource, depth: Depth.resource)
                else { return false }
            case Tag.bytes(2): guard let spans = part.bytes(), scanScopeSpans(spans) else { return false }
            default: guard part.skip(tag) else { return false }
            }
        }
        return true
    }

    private mutating func scanScopeSpans(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard var part = ProtobufCursor(bytes) else { return true }
        while !part.isAtEnd {
            let tag = part.tag()
            switch tag {
            case Tag.bytes(1):
                guard let scope = part.bytes(),
                    isValid(InstrumentationScope.self, scope, depth: Depth.scope)
                else { return false }
            case Tag.bytes(2): guard let span = part.bytes(), scanSpan(span) else { return false }
            default: guard part.skip(tag) else { return false }
            }
        }
        return true
    }

    private mutating func scanSpan(_ bytes: UnsafeRawBufferPointer) -> Bool {
        spanCount += 1
        var hasTraceID: Bool?
        var hasSpanID: Bool?
        guard var span = ProtobufCursor(bytes) else {
            hasInvalidIDs = true
            return true
        }
        while !span.isAtEnd {
            let tag = span.tag()
            switch tag {
            case Tag.bytes(1):
                guard hasTraceID == nil, let id = span.bytes() else { return false }
                hasTraceID = id.count == 16 && Self.isNotZero(id)
            case Tag.bytes(2):
                guard hasSpanID == nil, let id = span.bytes() else { return false }
                hasSpanID = id.count == 8 && Self.isNotZero(id)
            case Tag.bytes(9):
                guard let attribute = span.bytes(), scanAttribute(attribute, depth: Depth.spanValue)
                else { return false }
            case Tag.bytes(11):
                guard let event = span.bytes(), scanInner(event, attributes: 3) else { return false }
            case Tag.bytes(13):
                guard let link = span.bytes(), scanInner(link, attributes: 4) else { return false }
            case Tag.bytes(15):
                guard let status = span.bytes(), scanInner(status, attributes: nil) else { return false }
            default: guard span.skip(tag) else { return false }
            }
        }
        if hasTraceID != true || hasSpanID != true { hasInvalidIDs = true }
        return true
    }

    private static func isNotZero(_ id: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < id.count {
            if id.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != 0 { return true }
            offset += 8
        }
        return false
    }

    /// An event, a link or a status.
    private func scanInner(_ bytes: UnsafeRawBufferPointer, attributes: UInt32?) -> Bool {
        guard var inner = ProtobufCursor(bytes) else { return true }
        let attributeTag = attributes.map { Tag.bytes($0) } ?? 0
        while !inner.isAtEnd {
            let tag = inner.tag()
            if tag != 0, tag == attributeTag {
                guard let attribute = inner.bytes(), scanAttribute(attribute, depth: Depth.innerValue)
                else { return false }
            } else if !inner.skip(tag) {
                return false
            }
        }
        return true
    }

    @inline(__always)
    private func scanAttribute(_ bytes: UnsafeRawBufferPointer, depth: Int) -> Bool {
        guard var attribute = ProtobufCursor(bytes) else { return true }
        var hasValue = false
        while !attribute.isAtEnd {
            let tag = attribute.tag()
            if tag == Tag.bytes(2) {
                guard !hasValue, let value = attribute.bytes(), scanValue(value, depth: depth)
                else { return false }
                hasValue = true
            } else if !attribute.skip(tag) {
                return false
            }
        }
        return true
    }

    @inline(__always)
    private func scanValue(_ bytes: UnsafeRawBufferPointer, depth: Int) -> Bool {
        guard var value = ProtobufCursor(bytes) else { return true }
        let tag = value.tag()
        switch tag {
        case Tag.bytes(5), Tag.bytes(6):
            guard isValid(AttributeValue.self, bytes, depth: depth) else { return false }
            guard value.bytes() != nil else { return false }
        default: guard value.skip(tag) else { return false }
        }
        // A second member would replace the first, or add to it.
        return value.isAtEnd
    }
}

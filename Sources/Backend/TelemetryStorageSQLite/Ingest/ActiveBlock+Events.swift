// SPDX-License-Identifier: Apache-2.0

@_spi(SpanPath) import OTLPWire

/// Events and links: each begins with a slot of its own, and what follows belongs to it.
extension ActiveBlock {
    mutating func addEvent(_ bytes: UnsafeRawBufferPointer, after node: inout Int32) -> Bool {
        let noKey = UnsafeRawBufferPointer(start: nil, count: 0)
        node = follow(node, .event, .none, noKey)
        var time: UInt64 = 0
        var name = noKey
        guard var event = ProtobufCursor(bytes) else {
            node = add(name, .eventName, noKey, after: add(time, .eventTime, after: node))
            return true
        }
        while !event.isAtEnd {
            let tag = event.tag()
            switch tag {
            case fixed64Tag(1):
                guard let value = event.fixed64() else { return false }
                time = value
            case bytesTag(2):
                guard let text = event.bytes() else { return false }
                name = text
            case bytesTag(3):
                guard let attribute = event.bytes(), add(attribute, .eventAttribute, after: &node)
                else { return false }
            case varintTag(4):
                guard let value = event.varint() else { return false }
                node = add(
                    UInt64(UInt32(truncatingIfNeeded: value)), .eventDroppedAttributes, after: node)
            default:
                guard event.skip(tag) else { return false }
            }
        }
        node = add(name, .eventName, noKey, after: add(time, .eventTime, after: node))
        return true
    }

    mutating func addLink(_ bytes: UnsafeRawBufferPointer, after node: inout Int32) -> Bool {
        let noKey = UnsafeRawBufferPointer(start: nil, count: 0)
        node = follow(node, .link, .none, noKey)
        guard var link = ProtobufCursor(bytes) else { return true }
        while !link.isAtEnd {
            let tag = link.tag()
            switch tag {
            case bytesTag(1):
                guard let id = link.bytes() else { return false }
                let isValid = id.count == 16
                node = add(isValid ? id.bigEndian(at: 0) : 0, .linkTraceHigh, after: node)
                node = add(isValid ? id.bigEndian(at: 8) : 0, .linkTraceLow, after: node)
            case bytesTag(2):
                guard let id = link.bytes() else { return false }
                node = add(id.count == 8 ? id.bigEndian(at: 0) : 0, .linkSpan, after: node)
            case bytesTag(3):
                guard let text = link.bytes() else { return false }
                node = add(text, .linkTraceState, noKey, after: node)
            case bytesTag(4):
                guard let attribute = link.bytes(), add(attribute, .linkAttribute, after: &node)
                else { return false }
            case varintTag(5):
                guard let value = link.varint() else { return false }
                node = add(
                    UInt64(UInt32(truncatingIfNeeded: value)), .linkDroppedAttributes, after: node)
            case fixed32Tag(6):
                guard let value = link.fixed32() else { return false }
                node = add(UInt64(value), .linkFlags, after: node)
            default:
                guard link.skip(tag) else { return false }
            }
        }
        return true
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Arrays and maps within each other that are read back. Deeper nesting only comes from damaged bytes:
/// decoders of requests stop far earlier.
private let nestingMax = 1_000

/// First byte of a value.
private enum ValueTag: UInt8 {
    case empty, string, no, yes, int, double, bytes, array, map
}

extension ByteWriter {
    mutating func attributes(_ attributes: Attributes) {
        varint(attributes.count)
        for attribute in attributes {
            text(attribute.key)
            value(attribute.value)
        }
    }

    private mutating func value(_ value: AttributeValue) {
        switch value {
        case .empty:
            tag(.empty)
        case .string(let value):
            tag(.string)
            text(value)
        case .bool(let value):
            tag(value ? .yes : .no)
        case .int(let value):
            tag(.int)
            zigzag(value)
        case .double(let value):
            tag(.double)
            fixed64(value.bitPattern)
        case .bytes(let value):
            tag(.bytes)
            data(value)
        case .array(let values):
            tag(.array)
            varint(values.count)
            for element in values { self.value(element) }
        case .map(let members):
            tag(.map)
            attributes(members)
        }
    }

    private mutating func tag(_ tag: ValueTag) { byte(tag.rawValue) }
}

extension ByteReader {
    mutating func attributes() throws(StorageError) -> Attributes { try attributes(depth: 0) }

    private mutating func attributes(depth: Int) throws(StorageError) -> Attributes {
        let count = try count()
        var elements: [Attribute] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            elements.append(Attribute(key: try text(), value: try value(depth: depth)))
        }
        return Attributes(elements)
    }

    private mutating func value(depth: Int) throws(StorageError) -> AttributeValue {
        guard depth < nestingMax else { throw .damaged("attributes nested too deeply") }
        guard let tag = ValueTag(rawValue: try byte()) else { throw .damaged("an unknown attribute type") }
        switch tag {
        case .empty: return .empty
        case .string: return .string(try text())
        case .no: return .bool(false)
        case .yes: return .bool(true)
        case .int: return .int(try zigzag())
        case .double: return .double(Double(bitPattern: try fixed64()))
        case .bytes: return .bytes(try data())
        case .array:
            var values: [AttributeValue] = []
            for _ in 0..<(try count()) { values.append(try value(depth: depth + 1)) }
            return .array(values)
        case .map: return .map(try attributes(depth: depth + 1))
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel

// Writes straight behind a raw cursor, where OTLPWire's codec writes messages into a buffer of its own. A test
// decodes what is written here with that codec.
extension AttributeValue {
    /// Bytes of the content of an `AnyValue`.
    var encodedSize: Int {
        switch self {
        case .string(let value): ProtobufBytes.lengthDelimitedSize(1, count: value.utf8.count)
        case .bool: 2
        case .int(let value): 1 + ProtobufBytes.varintSize(UInt64(bitPattern: value))
        case .double: 9
        case .bytes(let value): ProtobufBytes.lengthDelimitedSize(7, count: value.count)
        case .array(let values): ProtobufBytes.lengthDelimitedSize(5, count: Self.elementsSize(values))
        case .map(let values): ProtobufBytes.lengthDelimitedSize(6, count: values.encodedSize(field: 1))
        case .empty: 0
        }
    }

    private static func elementsSize(_ values: [AttributeValue]) -> Int {
        values.reduce(0) { $0 + ProtobufBytes.lengthDelimitedSize(1, count: $1.encodedSize) }
    }

    /// Writes the content of an `AnyValue`, ``encodedSize`` bytes.
    func encode(at cursor: inout UnsafeMutableRawPointer) {
        switch self {
        case .string(let value): ProtobufBytes.putString(1, value, at: &cursor)
        case .bool(let value):
            ProtobufBytes.putTag(2, .varint, at: &cursor)
            ProtobufBytes.putByte(value ? 1 : 0, at: &cursor)
        case .int(let value):
            ProtobufBytes.putTag(3, .varint, at: &cursor)
            ProtobufBytes.putVarint(UInt64(bitPattern: value), at: &cursor)
        case .double(let value):
            ProtobufBytes.putTag(4, .fixed64, at: &cursor)
            ProtobufBytes.putFixed64(value.bitPattern, at: &cursor)
        case .bytes(let value):
            value.withUnsafeBytes { ProtobufBytes.putLengthDelimited(7, $0, at: &cursor) }
        case .array(let values):
            ProtobufBytes.putTag(5, .lengthDelimited, at: &cursor)
            ProtobufBytes.putVarint(UInt64(Self.elementsSize(values)), at: &cursor)
            for value in values {
                ProtobufBytes.putTag(1, .lengthDelimited, at: &cursor)
                ProtobufBytes.putVarint(UInt64(value.encodedSize), at: &cursor)
                value.encode(at: &cursor)
            }
        case .map(let values):
            ProtobufBytes.putTag(6, .lengthDelimited, at: &cursor)
            ProtobufBytes.putVarint(UInt64(values.encodedSize(field: 1)), at: &cursor)
            values.encode(field: 1, at: &cursor)
        case .empty: break
        }
    }
}

extension Attributes {
    /// Bytes of these as a repeated `KeyValue` field.
    func encodedSize(field: UInt32) -> Int {
        reduce(0) { $0 + ProtobufBytes.lengthDelimitedSize(field, count: Self.pairSize($1)) }
    }

    private static func pairSize(_ pair: Attribute) -> Int {
        ProtobufBytes.lengthDelimitedSize(1, count: pair.key.utf8.count)
            + ProtobufBytes.lengthDelimitedSize(2, count: pair.value.encodedSize)
    }

    /// Writes these as a repeated `KeyValue` field.
    func encode(field: UInt32, at cursor: inout UnsafeMutableRawPointer) {
        for pair in self {
            ProtobufBytes.putTag(field, .lengthDelimited, at: &cursor)
            ProtobufBytes.putVarint(UInt64(Self.pairSize(pair)), at: &cursor)
            ProtobufBytes.putString(1, pair.key, at: &cursor)
            ProtobufBytes.putTag(2, .lengthDelimited, at: &cursor)
            ProtobufBytes.putVarint(UInt64(pair.value.encodedSize), at: &cursor)
            pair.value.encode(at: &cursor)
        }
    }
}

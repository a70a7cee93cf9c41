// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

// Writes straight behind a raw cursor, where OTLPWire's codec writes messages into a buffer of its own. A test
// decodes what is written here with that codec.
extension AttributeValue {
    /// Bytes of the content of an `AnyValue`.
    var encodedSize: Int {
        switch self {
        case .string(let value): SpanBytes.fieldSize(value.utf8.count)
        case .bool: 2
        case .int(let value): 1 + SpanBytes.varintSize(UInt64(bitPattern: value))
        case .double: 9
        case .bytes(let value): SpanBytes.fieldSize(value.count)
        case .array(let values): SpanBytes.fieldSize(Self.elementsSize(values))
        case .map(let values): SpanBytes.fieldSize(values.encodedSize)
        case .empty: 0
        }
    }

    private static func elementsSize(_ values: [AttributeValue]) -> Int {
        values.reduce(0) { $0 + SpanBytes.fieldSize($1.encodedSize) }
    }

    /// Writes the content of an `AnyValue`, ``encodedSize`` bytes.
    func encode(at bytes: inout SpanBytes) {
        switch self {
        case .string(let value): bytes.putField(SpanTag.Value.string, value)
        case .bool(let value):
            bytes.put(SpanTag.Value.bool)
            bytes.put(value ? 1 : 0)
        case .int(let value):
            bytes.put(SpanTag.Value.int)
            bytes.putVarint(UInt64(bitPattern: value))
        case .double(let value):
            bytes.put(SpanTag.Value.double)
            bytes.putFixed64(value.bitPattern)
        case .bytes(let value):
            value.withUnsafeBytes { bytes.putField(SpanTag.Value.bytes, $0) }
        case .array(let values):
            bytes.put(SpanTag.Value.array)
            bytes.putVarint(Self.elementsSize(values))
            for value in values {
                bytes.put(SpanTag.Value.elements)
                bytes.putVarint(value.encodedSize)
                value.encode(at: &bytes)
            }
        case .map(let values):
            bytes.put(SpanTag.Value.map)
            bytes.putVarint(values.encodedSize)
            values.encode(SpanTag.Value.elements, at: &bytes)
        case .empty: break
        }
    }
}

extension Attributes {
    /// Bytes of these as a repeated `KeyValue` field.
    var encodedSize: Int { reduce(0) { $0 + SpanBytes.fieldSize(Self.pairSize($1)) } }

    private static func pairSize(_ pair: Attribute) -> Int {
        SpanBytes.fieldSize(pair.key.utf8.count) + SpanBytes.fieldSize(pair.value.encodedSize)
    }

    /// Writes these as a repeated `KeyValue` field.
    func encode(_ tag: UInt8, at bytes: inout SpanBytes) {
        for pair in self {
            bytes.put(tag)
            bytes.putVarint(Self.pairSize(pair))
            bytes.putField(SpanTag.KeyValue.key, pair.key)
            bytes.put(SpanTag.KeyValue.value)
            bytes.putVarint(pair.value.encodedSize)
            pair.value.encode(at: &bytes)
        }
    }
}

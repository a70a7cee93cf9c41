// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Tracing

extension AttributeValue {
    init(_ attribute: SpanAttribute) {
        switch attribute {
        case .int32(let value): self = .int(Int64(value))
        case .int64(let value): self = .int(value)
        case .double(let value): self = .double(value)
        case .bool(let value): self = .bool(value)
        case .string(let value): self = .string(value)
        case .int32Array(let values): self = .array(values.map { .int(Int64($0)) })
        case .int64Array(let values): self = .array(values.map { .int($0) })
        case .doubleArray(let values): self = .array(values.map { .double($0) })
        case .boolArray(let values): self = .array(values.map { .bool($0) })
        case .stringArray(let values): self = .array(values.map { .string($0) })
        case .stringConvertible(let value): self.init(convertible: value)
        case .stringConvertibleArray(let values): self = .array(values.map(Self.init(convertible:)))
        default: self = .empty
        }
    }

    // swift-distributed-tracing 1.7 makes `[Int]` an array of things that have a text: numbers stay numbers here.
    private init(convertible value: any CustomStringConvertible) {
        switch value {
        case let value as any BinaryInteger:
            self = Int64(exactly: value).map(AttributeValue.int) ?? .string("\(value)")
        case let value as Double: self = .double(value)
        case let value as Float: self = .double(Double(value))
        case let value as Bool: self = .bool(value)
        default: self = .string("\(value)")
        }
    }
}

extension SpanAttribute {
    /// Nil for what swift-distributed-tracing cannot say: bytes, maps, empty values, mixed arrays.
    init?(_ value: AttributeValue) {
        switch value {
        case .string(let value): self = .string(value)
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .int64(value)
        case .double(let value): self = .double(value)
        case .array(let values): self.init(values)
        case .bytes, .map, .empty: return nil
        }
    }

    private init?(_ values: [AttributeValue]) {
        let strings = values.compactMap { if case .string(let value) = $0 { value } else { nil } }
        if strings.count == values.count { self = .stringArray(strings); return }
        let ints = values.compactMap { if case .int(let value) = $0 { value } else { nil } }
        if ints.count == values.count { self = .int64Array(ints); return }
        let doubles = values.compactMap { if case .double(let value) = $0 { value } else { nil } }
        if doubles.count == values.count { self = .doubleArray(doubles); return }
        let bools = values.compactMap { if case .bool(let value) = $0 { value } else { nil } }
        if bools.count == values.count { self = .boolArray(bools); return }
        return nil
    }
}

extension Attributes {
    init(_ attributes: SpanAttributes) {
        var elements: [Attribute] = []
        elements.reserveCapacity(attributes.count)
        attributes.forEach { elements.append(Attribute(key: $0, value: AttributeValue($1))) }
        self.init(elements)
    }
}

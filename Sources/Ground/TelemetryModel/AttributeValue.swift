// SPDX-License-Identifier: Apache-2.0

/// A value of an attribute, a log body or an element of either: OpenTelemetry's `AnyValue`.
///
/// Zero, `""`, empty arrays and ``empty`` are meaningful and kept.
/// Equality compares doubles by value with NaN equal to NaN, maps by their members in order.
/// Source: OpenTelemetry specification 1.60, "AnyValue"; OTLP `common.proto`.
public enum AttributeValue: Sendable {
    case string(String)
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case bytes([UInt8])
    case array([AttributeValue])
    case map(Attributes)
    /// No value at all, on the wire an `AnyValue` without a member.
    case empty
}

extension AttributeValue: Hashable {
    public static func == (left: AttributeValue, right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)): left == right
        case (.bool(let left), .bool(let right)): left == right
        case (.int(let left), .int(let right)): left == right
        case (.double(let left), .double(let right)): left == right || (left.isNaN && right.isNaN)
        case (.bytes(let left), .bytes(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.map(let left), .map(let right)): left == right
        case (.empty, .empty): true
        case (.string, _), (.bool, _), (.int, _), (.double, _), (.bytes, _), (.array, _), (.map, _),
            (.empty, _):
            false
        }
    }

    public func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let value): hasher.combine(value)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .double(let value): hasher.combine(value.isNaN ? .nan : value)
        case .bytes(let value): hasher.combine(value)
        case .array(let value): hasher.combine(value)
        case .map(let value): hasher.combine(value)
        case .empty: hasher.combine(0)
        }
    }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByBooleanLiteral,
    ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int64) { self = .int(value) }
    public init(floatLiteral value: Double) { self = .double(value) }
    public init(arrayLiteral elements: AttributeValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self = .map(Attributes(elements.map { Attribute(key: $0.0, value: $0.1) }))
    }
}

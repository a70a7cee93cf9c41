// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

extension AttributeValue {
    /// This value cut down to what `limits` allows.
    func limited(by limits: SpanLimits) -> AttributeValue {
        switch self {
        case .bool, .int, .double, .empty: self
        case .string, .bytes: limits.attributeValueLength.map(cut) ?? self
        case .array, .map: limited(by: limits, depth: 1)
        }
    }

    // OpenTelemetry 1.60, "Attribute Limits": strings are cut by characters, byte arrays by bytes, at any depth; an
    // array or map deeper than the limit becomes an empty value.
    private func limited(by limits: SpanLimits, depth: Int) -> AttributeValue {
        switch self {
        case .bool, .int, .double, .empty: return self
        case .string, .bytes: return limits.attributeValueLength.map(cut) ?? self
        case .array(let values):
            guard depth <= limits.attributeValueDepth else { return .empty }
            return .array(values.map { $0.limited(by: limits, depth: depth + 1) })
        case .map(let values):
            guard depth <= limits.attributeValueDepth else { return .empty }
            return .map(
                Attributes(
                    values.map {
                        Attribute(key: $0.key, value: $0.value.limited(by: limits, depth: depth + 1))
                    }))
        }
    }

    private func cut(to length: Int) -> AttributeValue {
        switch self {
        // A string has at most as many characters as bytes.
        case .string(let value) where value.utf8.count > length:
            .string(String(String.UnicodeScalarView(value.unicodeScalars.prefix(length))))
        case .bytes(let value) where value.count > length: .bytes(Array(value.prefix(length)))
        default: self
        }
    }
}

extension Attributes {
    /// The first `count` keys (a repeated key overwrites, an empty one is left out), each value within `limits`, and
    /// how many were left out.
    func limited(to count: Int, _ limits: SpanLimits) -> (kept: Attributes, dropped: UInt32) {
        var kept = Attributes()
        var dropped: UInt32 = 0
        for attribute in self where !attribute.key.isEmpty {
            if kept.count >= count, kept[attribute.key] == nil {
                dropped += 1
            } else {
                kept[attribute.key] = attribute.value.limited(by: limits)
            }
        }
        return (kept, dropped)
    }
}

extension String {
    /// As many whole characters (Unicode scalars) from the start as take at most `limit` bytes of UTF-8.
    func prefix(utf8Count limit: Int) -> String {
        var size = 0
        return String(
            unicodeScalars.prefix {
                size += UTF8.width($0)
                return size <= limit
            })
    }
}

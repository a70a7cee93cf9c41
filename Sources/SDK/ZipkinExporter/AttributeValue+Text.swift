// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel

extension AttributeValue {
    /// The value where only text is possible.
    ///
    /// Source: OpenTelemetry specification 1.60, "AnyValue representation for non-OTLP protocols".
    var text: String {
        switch self {
        case .string(let text): return text
        case .bool(let value): return "\(value)"
        case .int(let value): return "\(value)"
        case .double(let value): return value.isFinite ? "\(value)" : Self.name(of: value)
        case .bytes(let bytes): return Base64.text(bytes)
        case .empty: return ""
        case .array, .map:
            var json = JSONText()
            json.value(self)
            return String(decoding: json.bytes, as: UTF8.self)
        }
    }

    /// "The special floating point values NaN and Infinity SHOULD be represented as `NaN`, `Infinity`, and
    /// `-Infinity`."
    fileprivate static func name(of value: Double) -> String {
        value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity"
    }
}

extension JSONText {
    /// An element of an array or a member of a map.
    mutating func value(_ value: AttributeValue) {
        switch value {
        case .string(let text): string(text)
        case .bool, .int: literal(value.text)
        case .double(let number):
            number.isFinite ? literal("\(number)") : string(AttributeValue.name(of: number))
        case .bytes(let bytes): string(Base64.text(bytes))
        case .empty: literal("null")
        case .array(let elements): array { json in for element in elements { json.value(element) } }
        case .map(let members):
            object { json in
                for member in members {
                    json.key(member.key)
                    json.value(member.value)
                }
            }
        }
    }
}

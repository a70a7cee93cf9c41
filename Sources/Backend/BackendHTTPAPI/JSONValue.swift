// SPDX-License-Identifier: Apache-2.0

/// JSON as a value, members in the order in which they were written.
package enum JSONValue: Sendable {
    case object([(String, JSONValue)])
    case array([JSONValue])
    case string(String)
    case int(Int)
    case double(Double)
    case bool(Bool)
    /// Bytes that are JSON already.
    case json([UInt8])
    case null

    /// A 64-bit number in the way of OTLP/JSON: as a string, because JavaScript's numbers end at 2^53.
    package static func decimal(_ value: UInt64) -> JSONValue { .string(String(value)) }

    /// Signed, as above.
    package static func decimal(_ value: Int64) -> JSONValue { .string(String(value)) }

    /// One line of UTF-8 without spaces.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return bytes
    }

    /// As ``bytes``, as text.
    package var text: String { String(decoding: bytes, as: UTF8.self) }

    private func write(to output: inout [UInt8]) {
        switch self {
        case .object(let members):
            output.append(UInt8(ascii: "{"))
            for (index, (key, value)) in members.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                Self.write(key, to: &output)
                output.append(UInt8(ascii: ":"))
                value.write(to: &output)
            }
            output.append(UInt8(ascii: "}"))
        case .array(let elements):
            output.append(UInt8(ascii: "["))
            for (index, value) in elements.enumerated() {
                if index > 0 { output.append(UInt8(ascii: ",")) }
                value.write(to: &output)
            }
            output.append(UInt8(ascii: "]"))
        case .string(let value): Self.write(value, to: &output)
        case .int(let value): output.append(contentsOf: String(value).utf8)
        // RFC 8259, 6: "Numeric values that cannot be represented in the grammar below (such as Infinity and
        // NaN) are not permitted."
        case .double(let value): output.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
        case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
        case .json(let bytes): output.append(contentsOf: bytes)
        case .null: output.append(contentsOf: "null".utf8)
        }
    }

    /// Escapes what JSON demands, and all other control characters too: the text may end up on a terminal.
    private static func write(_ text: String, to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        defer { output.append(UInt8(ascii: "\"")) }
        // Nearly every text is plain and can be copied whole.
        if text.utf8.withContiguousStorageIfAvailable(isPlain) == true {
            return output.append(contentsOf: text.utf8)
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
            case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\n"): output.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\t"): output.append(contentsOf: "\\t".utf8)
            case 0x00...0x1f, 0x7f: escape(byte, to: &output)
            // U+0080 to U+009F are C2 80 to C2 9F.
            case 0x80...0x9f where output.last == 0xc2:
                output.removeLast()
                escape(byte, to: &output)
            default: output.append(byte)
            }
        }
    }

    /// ASCII without anything to escape. By hand: iterators and ranges took a quarter of the time of an answer
    /// in a build without optimisation.
    private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte > 0x7e || byte == 0x22 || byte == 0x5c { return false }
            index += 1
        }
        return true
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        output.append(contentsOf: (byte < 0x10 ? "\\u000" : "\\u00").utf8)
        output.append(contentsOf: String(byte, radix: 16).utf8)
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(elements) }
}

// SPDX-License-Identifier: Apache-2.0

import Logging
import TelemetryModel

/// Writes one JSON object into bytes.
struct JSONWriter {
    /// Levels of metadata in metadata; what lies deeper is written as its description.
    static let depthMax = 16

    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    init() { bytes.reserveCapacity(512) }

    mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    mutating func key(_ key: String) {
        separate()
        appendString(key)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func string(_ value: String) {
        separate()
        appendString(value)
        needsComma = true
    }

    /// Text that needs no escapes.
    mutating func plain(_ write: (inout [UInt8]) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    mutating func endLine() { bytes.append(UInt8(ascii: "\n")) }

    mutating func metadata(
        _ metadata: Logger.Metadata, depth: Int = 0, except isLeftOut: (String) -> Bool = { _ in false }
    ) {
        beginObject()
        // Sorted, so that equal lines are equal bytes.
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) where !isLeftOut(name) {
            key(name)
            if SecretNames.contains(name) {
                string(LogSecrets.replacement)
            } else {
                self.value(value, depth: depth)
            }
        }
        endObject()
    }

    private mutating func value(_ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .string(let text): string(text)
        case .stringConvertible(let object): scalar(object)
        case .dictionary(let members):
            if depth < Self.depthMax { metadata(members, depth: depth + 1) } else { string("\(members)") }
        case .array(let elements):
            guard depth < Self.depthMax else { return string("\(elements)") }
            separate()
            bytes.append(UInt8(ascii: "["))
            needsComma = false
            for element in elements { self.value(element, depth: depth + 1) }
            bytes.append(UInt8(ascii: "]"))
            needsComma = true
        }
    }

    /// Numbers and truth values keep their type, everything else is its description.
    private mutating func scalar(_ object: any CustomStringConvertible & Sendable) {
        switch object {
        case let value as Bool: literal(value ? "true" : "false")
        case let value as any BinaryInteger & Sendable: literal("\(value)")
        // JSON knows neither infinity nor not-a-number.
        case let value as Double where value.isFinite: literal(value.description)
        case let value as Float where value.isFinite: literal(value.description)
        default: string(object.description)
        }
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x0a: bytes.append(contentsOf: "\\n".utf8)
            case 0x0d: bytes.append(contentsOf: "\\r".utf8)
            case 0x09: bytes.append(contentsOf: "\\t".utf8)
            case 0..<0x20, 0x7f:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(byte < 0x10 ? UInt8(ascii: "0") : UInt8(ascii: "0") + (byte >> 4))
                let low = byte & 0xf
                bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") - 10 + low)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

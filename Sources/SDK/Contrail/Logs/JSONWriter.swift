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

    /// The three fields of a span's ids, without making strings of them.
    mutating func ids(of span: SpanContext) {
        separate()
        append("\"trace_id\":\"")
        appendHex(span.traceID.high)
        appendHex(span.traceID.low)
        append("\",\"span_id\":\"")
        appendHex(span.spanID.value)
        append("\",\"trace_flags\":\"")
        let flags = span.traceFlags.rawValue
        bytes.append(Self.hexDigit(flags >> 4))
        bytes.append(Self.hexDigit(flags & 0xf))
        append("\"")
        needsComma = true
    }

    private mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Sixteen lower-case digits, eight at a time: one byte for each of four bits, and 39 more for letters.
    private mutating func appendHex(_ value: UInt64) {
        for shift in stride(from: 32, through: 0, by: -32) {
            let half = value >> UInt64(shift) & 0xffff_ffff
            var digits = (half | half << 16) & 0x0000_ffff_0000_ffff
            digits = (digits | digits << 8) & 0x00ff_00ff_00ff_00ff
            digits = (digits | digits << 4) & 0x0f0f_0f0f_0f0f_0f0f
            let letters = (digits &+ 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
            let text = digits &+ 0x3030_3030_3030_3030 &+ letters &* 39
            withUnsafeBytes(of: text.bigEndian) { bytes.append(contentsOf: $0) }
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") - 10 + value
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
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 0xf))
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

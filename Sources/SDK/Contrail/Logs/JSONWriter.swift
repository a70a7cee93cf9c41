// SPDX-License-Identifier: Apache-2.0

import Logging
import TelemetryModel

/// Writes one JSON object into bytes.
struct JSONWriter {
    /// Levels of metadata in metadata; what lies deeper is written as its description.
    static let depthMax = 16

    private var bytes: LineBytes
    private var needsComma = false

    private init(_ bytes: LineBytes) { self.bytes = bytes }

    /// What `write` has written.
    static func line(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        LineBytes.collect { bytes in
            var writer = JSONWriter(bytes)
            write(&writer)
            bytes = writer.bytes
        }
    }

    mutating func beginObject() {
        separate()
        bytes.append(UInt8(ascii: "{"))
        needsComma = false
    }

    mutating func endObject() {
        bytes.append(UInt8(ascii: "}"))
        needsComma = true
    }

    private mutating func key(_ key: String) {
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

    /// A key that needs no escapes.
    @inline(__always)
    mutating func key(_ key: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(key)
        bytes.append("\":" as StaticString)
        needsComma = false
    }

    /// Text that needs no escapes.
    @inline(__always)
    mutating func plain(_ write: (inout LineBytes) -> Void) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        write(&bytes)
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    /// The three fields of a span's ids, without making strings of them.
    mutating func ids(of span: SpanContext) {
        separate()
        bytes.append("\"trace_id\":\"" as StaticString)
        bytes.appendHex(span.traceID.high)
        bytes.appendHex(span.traceID.low)
        bytes.append("\",\"span_id\":\"" as StaticString)
        bytes.appendHex(span.spanID.value)
        bytes.append("\",\"trace_flags\":\"" as StaticString)
        bytes.appendHex(span.traceFlags.rawValue)
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
        bytes.append(text)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func appendString(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        bytes.appendEscaped(text)
        bytes.append(UInt8(ascii: "\""))
    }
}

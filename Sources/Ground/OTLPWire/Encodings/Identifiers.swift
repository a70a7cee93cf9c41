// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

// OTLP 1.11.0, "JSON Protobuf Encoding": "The `trace_id` and `span_id` byte arrays are represented as
// case-insensitive hex-encoded strings; they are not base64-encoded".

/// The 16 bytes of a trace id. Any other count is read as the invalid id, which is written by leaving it out.
enum TraceIdentifier: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: TraceID) -> Bool { !value.isValid }

    static func write(_ value: TraceID, to output: inout ByteSink) {
        output.reserve(17)
        ProtobufBytes.putByte(16, at: &output.cursor)
        ProtobufBytes.putFixed64(value.high.byteSwapped, at: &output.cursor)
        ProtobufBytes.putFixed64(value.low.byteSwapped, at: &output.cursor)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> TraceID {
        let bytes = try input.lengthDelimited()
        guard bytes.count == 16, let start = bytes.baseAddress else { return .invalid }
        return TraceID(
            high: ProtobufBytes.fixed64(at: start).byteSwapped,
            low: ProtobufBytes.fixed64(at: start + 8).byteSwapped)
    }

    static func writeJSON(_ value: TraceID, to output: inout ByteSink) {
        output.byte(UInt8(ascii: "\""))
        output.hex(value.high)
        output.hex(value.low)
        output.byte(UInt8(ascii: "\""))
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> TraceID {
        try input.withStringBytes { digits in
            guard digits.count == 32, let high = hexadecimal(digits, from: 0),
                let low = hexadecimal(digits, from: 16)
            else { return .invalid }
            return TraceID(high: high, low: low)
        }
    }
}

/// The 8 bytes of a span id, read and written as ``TraceIdentifier`` is.
enum SpanIdentifier: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: SpanID) -> Bool { !value.isValid }

    static func write(_ value: SpanID, to output: inout ByteSink) {
        output.reserve(9)
        ProtobufBytes.putByte(8, at: &output.cursor)
        ProtobufBytes.putFixed64(value.value.byteSwapped, at: &output.cursor)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> SpanID {
        let bytes = try input.lengthDelimited()
        guard bytes.count == 8, let start = bytes.baseAddress else { return .invalid }
        return SpanID(value: ProtobufBytes.fixed64(at: start).byteSwapped)
    }

    static func writeJSON(_ value: SpanID, to output: inout ByteSink) {
        output.byte(UInt8(ascii: "\""))
        output.hex(value.value)
        output.byte(UInt8(ascii: "\""))
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> SpanID {
        try input.withStringBytes { digits in
            guard digits.count == 16, let value = hexadecimal(digits, from: 0) else { return .invalid }
            return SpanID(value: value)
        }
    }
}

/// The id of a parent: nil for a root, which is an empty, an all-zero and a malformed id alike.
enum ParentIdentifier: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: SpanID?) -> Bool { value?.isValid != true }

    static func write(_ value: SpanID?, to output: inout ByteSink) {
        SpanIdentifier.write(value ?? .invalid, to: &output)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> SpanID? {
        let id = try SpanIdentifier.read(from: &input)
        return id.isValid ? id : nil
    }

    static func writeJSON(_ value: SpanID?, to output: inout ByteSink) {
        SpanIdentifier.writeJSON(value ?? .invalid, to: &output)
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> SpanID? {
        let id = try SpanIdentifier.readJSON(from: &input)
        return id.isValid ? id : nil
    }
}

/// The id of a trace where there need not be one: nil for an empty, an all-zero and a malformed id alike.
enum OptionalTraceIdentifier: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: TraceID?) -> Bool { value?.isValid != true }

    static func write(_ value: TraceID?, to output: inout ByteSink) {
        TraceIdentifier.write(value ?? .invalid, to: &output)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> TraceID? {
        let id = try TraceIdentifier.read(from: &input)
        return id.isValid ? id : nil
    }

    static func writeJSON(_ value: TraceID?, to output: inout ByteSink) {
        TraceIdentifier.writeJSON(value ?? .invalid, to: &output)
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> TraceID? {
        let id = try TraceIdentifier.readJSON(from: &input)
        return id.isValid ? id : nil
    }
}

/// Sixteen hexadecimal digits of either case from `start` on, of which there must be so many; nil when one is
/// not.
private func hexadecimal(_ digits: UnsafeRawBufferPointer, from start: Int) -> UInt64? {
    var value: UInt64 = 0
    for index in start..<start + 16 {
        let digit = digits[index]
        let lower = digit | 0x20
        if digit.isDigit {
            value = value << 4 | UInt64(digit - 0x30)
        } else if lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "f") {
            value = value << 4 | UInt64(lower - UInt8(ascii: "a") + 10)
        } else {
            return nil
        }
    }
    return value
}

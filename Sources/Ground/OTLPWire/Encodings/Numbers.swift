// SPDX-License-Identifier: Apache-2.0

// OTLP 1.11.0 follows the proto3 JSON mapping: 64-bit integers are written as decimal strings, 32-bit ones as
// numbers, and either form is read.

/// `fixed64`: moments in time.
enum Fixed64: FieldEncoding {
    static var wireType: WireType { .fixed64 }
    static func isDefault(_ value: UInt64) -> Bool { value == 0 }

    static func write(_ value: UInt64, to output: inout ByteSink) {
        output.reserve(8)
        ProtobufBytes.putFixed64(value, at: &output.cursor)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> UInt64 { try input.fixed64() }
    static func writeJSON(_ value: UInt64, to output: inout ByteSink) { output.jsonQuoted(value) }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> UInt64 { try input.integer() }
}

/// `fixed32`: flags.
enum Fixed32: FieldEncoding {
    static var wireType: WireType { .fixed32 }
    static func isDefault(_ value: UInt32) -> Bool { value == 0 }

    static func write(_ value: UInt32, to output: inout ByteSink) {
        output.reserve(4)
        ProtobufBytes.putFixed32(value, at: &output.cursor)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> UInt32 { try input.fixed32() }
    static func writeJSON(_ value: UInt32, to output: inout ByteSink) { output.jsonInteger(value) }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> UInt32 { try input.integer() }
}

/// `uint32`: counts.
enum Varint32: FieldEncoding {
    static var wireType: WireType { .varint }
    static func isDefault(_ value: UInt32) -> Bool { value == 0 }
    static func write(_ value: UInt32, to output: inout ByteSink) { output.varint(UInt64(value)) }

    // As protobuf's own libraries do, the upper bits of a longer number are dropped.
    static func read(from input: inout ProtobufInput) throws(WireError) -> UInt32 {
        UInt32(truncatingIfNeeded: try input.varint())
    }

    static func writeJSON(_ value: UInt32, to output: inout ByteSink) { output.jsonInteger(value) }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> UInt32 { try input.integer() }
}

/// `int32`.
enum Signed32: FieldEncoding {
    static var wireType: WireType { .varint }
    static func isDefault(_ value: Int32) -> Bool { value == 0 }

    // Protobuf: a negative int32 takes ten bytes, like the int64 of the same value.
    static func write(_ value: Int32, to output: inout ByteSink) {
        output.varint(UInt64(bitPattern: Int64(value)))
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> Int32 {
        Int32(truncatingIfNeeded: try input.varint())
    }

    static func writeJSON(_ value: Int32, to output: inout ByteSink) { output.jsonInteger(value) }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> Int32 { try input.integer() }
}

/// `int64`.
enum Signed64: FieldEncoding {
    static var wireType: WireType { .varint }
    static func isDefault(_ value: Int64) -> Bool { value == 0 }

    static func write(_ value: Int64, to output: inout ByteSink) {
        output.varint(UInt64(bitPattern: value))
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> Int64 {
        Int64(bitPattern: try input.varint())
    }

    static func writeJSON(_ value: Int64, to output: inout ByteSink) { output.jsonQuoted(value) }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> Int64 { try input.integer() }
}

/// `bool`.
enum Flag: FieldEncoding {
    static var wireType: WireType { .varint }
    static func isDefault(_ value: Bool) -> Bool { !value }
    static func write(_ value: Bool, to output: inout ByteSink) { output.byte(value ? 1 : 0) }
    static func read(from input: inout ProtobufInput) throws(WireError) -> Bool { try input.varint() != 0 }
    static func writeJSON(_ value: Bool, to output: inout ByteSink) { output.text(value ? "true" : "false") }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> Bool { try input.bool() }
}

/// `double`.
enum Float64: FieldEncoding {
    static var wireType: WireType { .fixed64 }
    // Negative zero is not the default.
    static func isDefault(_ value: Double) -> Bool { value.bitPattern == 0 }
    static func write(_ value: Double, to output: inout ByteSink) {
        Fixed64.write(value.bitPattern, to: &output)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> Double {
        Double(bitPattern: try input.fixed64())
    }

    static func writeJSON(_ value: Double, to output: inout ByteSink) {
        if value.isFinite {
            // Swift's description is the shortest text that reads back as the same number, and is JSON.
            output.text(value.description)
        } else {
            output.text(value.isNaN ? "\"NaN\"" : value > 0 ? "\"Infinity\"" : "\"-Infinity\"")
        }
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> Double { try input.double() }
}

/// An enumeration whose raw values are those of OTLP. A number from a later version is read as the default.
protocol WireEnumeration: RawRepresentable<Int32>, CaseIterable, Equatable {
    static var wireDefault: Self { get }
    /// What stands before the name of a case in the `.proto` file, such as `SPAN_KIND_`.
    static var namePrefix: String { get }
}

enum Enumeration<Value: WireEnumeration>: FieldEncoding {
    static var wireType: WireType { .varint }
    static func isDefault(_ value: Value) -> Bool { value == Value.wireDefault }
    static func write(_ value: Value, to output: inout ByteSink) {
        Signed32.write(value.rawValue, to: &output)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> Value {
        Value(rawValue: try Signed32.read(from: &input)) ?? Value.wireDefault
    }

    static func writeJSON(_ value: Value, to output: inout ByteSink) { output.jsonInteger(value.rawValue) }

    // OTLP 1.11.0: "Values of enum fields MUST be encoded as integer values". Writers of the general proto3
    // mapping send names; the Collector reads them, and so do we.
    static func readJSON(from input: inout JSONInput) throws(WireError) -> Value {
        let offset = input.offset
        guard input.isAtLetterString else {
            return Value(rawValue: try input.integer()) ?? Value.wireDefault
        }
        let name = try input.string()
        for value in Value.allCases where Value.namePrefix + String(describing: value).uppercased() == name {
            return value
        }
        throw WireError(.unknownEnumName, offset: offset)
    }
}

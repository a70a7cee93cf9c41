// SPDX-License-Identifier: Apache-2.0

/// `string`. Bytes that are not UTF-8 are read with U+FFFD in their place: one bad name must not cost a
/// request.
enum Text: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: String) -> Bool { value.isEmpty }

    static func write(_ value: String, to output: inout ByteSink) {
        let count = value.utf8.count
        output.reserve(count + ProtobufBytes.varintSizeMax)
        ProtobufBytes.putVarint(UInt64(count), at: &output.cursor)
        ProtobufBytes.putUTF8(value, at: &output.cursor)
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> String {
        String(decoding: try input.lengthDelimited(), as: UTF8.self)
    }

    static func writeJSON(_ value: String, to output: inout ByteSink) { output.jsonString(value) }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> String { try input.string() }
}

/// `bytes`, in JSON as base64.
enum Blob: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }

    static func isDefault(_ value: [UInt8]) -> Bool { value.isEmpty }

    static func write(_ value: [UInt8], to output: inout ByteSink) {
        output.varint(UInt64(value.count))
        value.withUnsafeBytes { output.bytes($0) }
    }

    static func read(from input: inout ProtobufInput) throws(WireError) -> [UInt8] {
        [UInt8](try input.lengthDelimited())
    }

    static func writeJSON(_ value: [UInt8], to output: inout ByteSink) {
        output.byte(UInt8(ascii: "\""))
        value.withUnsafeBytes { Base64.encode($0, to: &output) }
        output.byte(UInt8(ascii: "\""))
    }

    static func readJSON(from input: inout JSONInput) throws(WireError) -> [UInt8] {
        let offset = input.offset
        guard let bytes = try input.withStringBytes({ Base64.decode($0) }) else {
            throw WireError(.invalidBase64, offset: offset)
        }
        return bytes
    }
}

// SPDX-License-Identifier: Apache-2.0

/// OTLP/JSON: the proto3 JSON mapping with OTLP's deviations (hexadecimal ids, integers for enumerations).
package enum OTLPJSON {
    /// The message as one line of UTF-8, or with line breaks and an indentation of two spaces.
    package static func encode<Message: OTLPMessage>(_ message: Message, pretty: Bool = false) -> [UInt8] {
        Message.codec.encodeJSON(message, pretty)
    }

    /// Reads one whole message. Unknown keys are skipped, null is absent, of a key that stands twice the last
    /// one wins, text that is not UTF-8 is repaired, and a malformed id becomes the invalid one.
    package static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: [UInt8], limits: WireLimits = .default
    ) throws(WireError) -> Message {
        try bytes.withUnsafeBufferPointer { (raw) throws(WireError) in
            try Message.codec.decodeJSON(UnsafeRawBufferPointer(raw), limits)
        }
    }

    /// As above, from borrowed bytes; the message keeps none of them.
    package static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: UnsafeRawBufferPointer, limits: WireLimits = .default
    ) throws(WireError) -> Message {
        try Message.codec.decodeJSON(bytes, limits)
    }

    /// As above, from borrowed bytes; the message keeps none of them.
    package static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: borrowing RawSpan, limits: WireLimits = .default
    ) throws(WireError) -> Message {
        try bytes.withUnsafeBytes { (raw) throws(WireError) in
            try Message.codec.decodeJSON(raw, limits)
        }
    }

    static func encodeMessage<Message: WireMessage>(_ message: Message, pretty: Bool) -> [UInt8] {
        var output = ByteSink(pretty: pretty)
        defer { output.free() }
        withUnsafePointer(to: message) { JSONWriter.write($0, to: &output) }
        return output.bytes
    }

    static func decodeMessage<Message: WireMessage>(
        _ type: Message.Type, from bytes: UnsafeRawBufferPointer, limits: WireLimits
    ) throws(WireError) -> Message {
        guard bytes.count <= limits.messageBytes else {
            throw WireError(.tooLong(limit: limits.messageBytes), offset: limits.messageBytes)
        }
        var message = Message.wireDefault
        guard let base = bytes.baseAddress else { throw WireError(.truncated, offset: 0) }
        var input = JSONInput(bytes, base: base, limits: limits)
        try JSONReader.read(&message, from: &input)
        try input.finish()
        return message
    }
}

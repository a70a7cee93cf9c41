// SPDX-License-Identifier: Apache-2.0

/// OTLP's binary encoding: proto3.
package enum OTLPProtobuf {
    /// The message's bytes: fields in the order of their numbers, defaults left out.
    package static func encode<Message: OTLPMessage>(_ message: Message) -> [UInt8] {
        Message.codec.encode(message)
    }

    /// Reads one whole message. Unknown fields are skipped, text that is not UTF-8 is repaired, and an id of
    /// a wrong length becomes the invalid one, so that a receiver can tell which spans to reject.
    package static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: [UInt8], limits: WireLimits = .default
    ) throws(WireError) -> Message {
        try bytes.withUnsafeBufferPointer { (raw) throws(WireError) in
            try Message.codec.decode(UnsafeRawBufferPointer(raw), limits)
        }
    }

    /// As above, from borrowed bytes; the message keeps none of them.
    package static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: UnsafeRawBufferPointer, limits: WireLimits = .default
    ) throws(WireError) -> Message {
        try Message.codec.decode(bytes, limits)
    }

    /// As above, from borrowed bytes; the message keeps none of them.
    package static func decode<Message: OTLPMessage>(
        _ type: Message.Type, from bytes: borrowing RawSpan, limits: WireLimits = .default
    ) throws(WireError) -> Message {
        try bytes.withUnsafeBytes { (raw) throws(WireError) in
            try Message.codec.decode(raw, limits)
        }
    }

    static func encodeMessage<Message: WireMessage>(_ message: Message) -> [UInt8] {
        var output = ByteSink()
        defer { output.free() }
        withUnsafePointer(to: message) { ProtobufWriter.write($0, to: &output) }
        return output.bytes
    }

    static func decodeMessage<Message: WireMessage>(
        _ type: Message.Type, from bytes: UnsafeRawBufferPointer, limits: WireLimits
    ) throws(WireError) -> Message {
        guard bytes.count <= limits.messageBytes else {
            throw WireError(.tooLong(limit: limits.messageBytes), offset: limits.messageBytes)
        }
        var message = Message.wireDefault
        guard let base = bytes.baseAddress else { return message }
        var input = ProtobufInput(bytes, base: base, limits: limits)
        try ProtobufReader.read(&message, from: &input)
        return message
    }
}

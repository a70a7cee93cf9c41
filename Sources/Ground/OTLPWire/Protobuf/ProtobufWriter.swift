// SPDX-License-Identifier: Apache-2.0

/// Writes one message as protobuf, fields in the order of their numbers.
struct ProtobufWriter<Message: WireMessage>: FieldWalker {
    typealias Failure = Never

    static var isJSON: Bool { false }

    private let message: UnsafePointer<Message>
    private var output: ByteSink

    @inline(__always)
    static func write(_ message: UnsafePointer<Message>, to output: inout ByteSink) {
        var writer = ProtobufWriter(message: message, output: output)
        Message.fields(&writer)
        output = writer.output
    }

    @inline(__always)
    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) {
        let value = message.pointee[keyPath: path]
        guard !Encoding.isDefault(value) else { return }
        output.tag(number, Encoding.wireType)
        Encoding.write(value, to: &output)
    }

    @inline(__always)
    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) {
        guard let value = message.pointee[keyPath: path] else { return }
        output.tag(number, Encoding.wireType)
        Encoding.write(value, to: &output)
    }

    @inline(__always)
    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) {
        for value in message.pointee[keyPath: path] {
            output.tag(number, Encoding.wireType)
            Encoding.write(value, to: &output)
        }
    }

    @inline(__always)
    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) {
        withUnsafePointer(to: message.pointee[keyPath: path]) { child in
            write(number, child, keepEmpty: false)
        }
    }

    @inline(__always)
    mutating func requiredMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) {
        withUnsafePointer(to: message.pointee[keyPath: path]) { child in
            write(number, child, keepEmpty: true)
        }
    }

    @inline(__always)
    mutating func optionalMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child?>
    ) {
        guard let child = message.pointee[keyPath: path] else { return }
        withUnsafePointer(to: child) { child in
            write(number, child, keepEmpty: true)
        }
    }

    @inline(__always)
    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) {
        message.pointee[keyPath: path].withUnsafeBufferPointer { children in
            guard var child = children.baseAddress else { return }
            for _ in children.indices {
                write(number, child, keepEmpty: true)
                child += 1
            }
        }
    }

    @inline(__always)
    private mutating func write<Child: WireMessage>(
        _ number: UInt32, _ child: UnsafePointer<Child>, keepEmpty: Bool
    ) {
        guard output.depthLeft > 0 else { return }
        let open = output.open(number, lengthSize: Child.lengthSizeHint)
        ProtobufWriter<Child>.write(child, to: &output)
        output.close(open, keepEmpty: keepEmpty)
    }
}

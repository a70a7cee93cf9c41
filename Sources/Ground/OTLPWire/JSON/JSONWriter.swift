// SPDX-License-Identifier: Apache-2.0

/// Writes one message as OTLP/JSON, fields in the order of their numbers, without those that have their
/// default.
struct JSONWriter<Message: WireMessage>: FieldWalker {
    typealias Failure = Never

    static var isJSON: Bool { true }

    private let message: UnsafePointer<Message>
    private var output: ByteSink
    private var isEmpty = true

    static func write(_ message: UnsafePointer<Message>, to output: inout ByteSink) {
        var writer = JSONWriter(message: message, output: output)
        writer.output.byte(UInt8(ascii: "{"))
        writer.output.indentation += 1
        writer.output.depthLeft -= 1
        Message.fields(&writer)
        writer.output.depthLeft += 1
        writer.output.indentation -= 1
        if !writer.isEmpty { writer.output.newLine() }
        writer.output.byte(UInt8(ascii: "}"))
        output = writer.output
    }

    private init(message: UnsafePointer<Message>, output: ByteSink) {
        self.message = message
        self.output = output
    }

    private mutating func key(_ key: StaticString) {
        if !isEmpty { output.byte(UInt8(ascii: ",")) }
        isEmpty = false
        output.newLine()
        output.byte(UInt8(ascii: "\""))
        output.text(key)
        output.text(output.pretty ? "\": " : "\":")
    }

    // The walker's functions are inlined into the list, where the key path is a literal and costs nothing;
    // what they call is not, to keep the lists short.

    @inline(__always)
    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) {
        let value = message.pointee[keyPath: path]
        if !Encoding.isDefault(value) { scalar(key, value, encoding) }
    }

    @inline(__always)
    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) {
        if let value = message.pointee[keyPath: path] { scalar(key, value, encoding) }
    }

    @inline(__always)
    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) {
        array(key, message.pointee[keyPath: path]) { value, output in
            Encoding.writeJSON(value.pointee, to: &output)
        }
    }

    @inline(__always)
    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) {
        object(key, message.pointee[keyPath: path], keepEmpty: false)
    }

    @inline(__always)
    mutating func requiredMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) {
        object(key, message.pointee[keyPath: path], keepEmpty: true)
    }

    @inline(__always)
    mutating func optionalMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child?>
    ) {
        if let child = message.pointee[keyPath: path] { object(key, child, keepEmpty: true) }
    }

    @inline(__always)
    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) {
        guard output.depthLeft > 0 else { return }
        array(key, message.pointee[keyPath: path]) { child, output in
            JSONWriter<Child>.write(child, to: &output)
        }
    }

    private mutating func scalar<Encoding: FieldEncoding>(
        _ key: StaticString, _ value: Encoding.Value, _ encoding: Encoding.Type
    ) {
        self.key(key)
        Encoding.writeJSON(value, to: &output)
    }

    private mutating func object<Child: WireMessage>(_ key: StaticString, _ child: Child, keepEmpty: Bool) {
        guard output.depthLeft > 0 else { return }
        let start = output.mark
        let wasEmpty = isEmpty
        self.key(key)
        let body = output.mark
        withUnsafePointer(to: child) { JSONWriter<Child>.write($0, to: &output) }
        // Only the braces: nothing was set in it, so the key is taken back.
        if !keepEmpty, output.mark - body == 2 {
            output.rewind(to: start)
            isEmpty = wasEmpty
        }
    }

    private mutating func array<Element>(
        _ key: StaticString, _ elements: [Element], _ write: (UnsafePointer<Element>, inout ByteSink) -> Void
    ) {
        guard !elements.isEmpty else { return }
        self.key(key)
        output.byte(UInt8(ascii: "["))
        output.indentation += 1
        elements.withUnsafeBufferPointer { elements in
            guard var element = elements.baseAddress else { return }
            for index in elements.indices {
                if index > 0 { output.byte(UInt8(ascii: ",")) }
                output.newLine()
                write(element, &output)
                element += 1
            }
        }
        output.indentation -= 1
        output.newLine()
        output.byte(UInt8(ascii: "]"))
    }
}

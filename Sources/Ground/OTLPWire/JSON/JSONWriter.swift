// SPDX-License-Identifier: Apache-2.0

/// Writes one message as OTLP/JSON, fields in the order of their numbers, without those that have their default.
struct JSONWriter<Message: WireMessage>: FieldWalker {
    typealias Failure = Never

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

    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) {
        let value = message.pointee[keyPath: path]
        guard !Encoding.isDefault(value) else { return }
        self.key(key)
        Encoding.writeJSON(value, to: &output)
    }

    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) {
        guard let value = message.pointee[keyPath: path] else { return }
        self.key(key)
        Encoding.writeJSON(value, to: &output)
    }

    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) {
        let values = message.pointee[keyPath: path]
        guard !values.isEmpty else { return }
        self.key(key)
        array(values) { value, output in Encoding.writeJSON(value, to: &output) }
    }

    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) {
        guard output.depthLeft > 0 else { return }
        let mark = output.mark
        let wasEmpty = isEmpty
        self.key(key)
        let body = output.mark
        withUnsafePointer(to: message.pointee[keyPath: path]) { JSONWriter<Child>.write($0, to: &output) }
        // Only the braces: nothing was set in it, so the key is taken back.
        if output.mark - body == 2 {
            output.rewind(to: mark)
            isEmpty = wasEmpty
        }
    }

    mutating func requiredMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) {
        guard output.depthLeft > 0 else { return }
        self.key(key)
        withUnsafePointer(to: message.pointee[keyPath: path]) { JSONWriter<Child>.write($0, to: &output) }
    }

    mutating func optionalMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child?>
    ) {
        guard output.depthLeft > 0, let child = message.pointee[keyPath: path] else { return }
        self.key(key)
        withUnsafePointer(to: child) { JSONWriter<Child>.write($0, to: &output) }
    }

    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) {
        let children = message.pointee[keyPath: path]
        guard output.depthLeft > 0, !children.isEmpty else { return }
        self.key(key)
        array(children) { child, output in
            withUnsafePointer(to: child) { JSONWriter<Child>.write($0, to: &output) }
        }
    }

    private mutating func array<Element>(_ elements: [Element], _ write: (Element, inout ByteSink) -> Void) {
        output.byte(UInt8(ascii: "["))
        output.indentation += 1
        var isFirst = true
        for element in elements {
            if !isFirst { output.byte(UInt8(ascii: ",")) }
            isFirst = false
            output.newLine()
            write(element, &output)
        }
        output.indentation -= 1
        output.newLine()
        output.byte(UInt8(ascii: "]"))
    }
}

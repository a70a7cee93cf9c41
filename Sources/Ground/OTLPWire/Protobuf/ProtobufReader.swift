// SPDX-License-Identifier: Apache-2.0

/// Reads one message from protobuf.
struct ProtobufReader<Message: WireMessage>: FieldWalker {
    typealias Failure = WireError

    static var isJSON: Bool { false }

    private let message: UnsafeMutablePointer<Message>
    private var input: ProtobufInput

    /// Reads up to the end of the open message into `message`, on top of what stands there.
    static func read(_ message: inout Message, from input: inout ProtobufInput) throws(WireError) {
        try withUnsafeMutablePointer(to: &message) { (pointer) throws(WireError) in
            var reader = ProtobufReader(message: pointer, input: input)
            try reader.readFields()
            input = reader.input
        }
    }

    private init(message: UnsafeMutablePointer<Message>, input: ProtobufInput) {
        self.message = message
        self.input = input
    }

    private mutating func readFields() throws(WireError) {
        try input.nextTag()
        while input.tag != 0 {
            let before = input.cursor
            try Message.fields(&self)
            // No field of the list was the next one: it is unknown, or has another type than it should.
            if input.cursor == before, input.tag != 0 { try input.skip() }
        }
    }

    @inline(__always)
    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.tag == ProtobufBytes.tag(number, Encoding.wireType) {
            do {
                message.pointee[keyPath: path] = try Encoding.read(from: &input)
                try input.nextTag()
            } catch {
                throw error.inside(key)
            }
        }
    }

    @inline(__always)
    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.tag == ProtobufBytes.tag(number, Encoding.wireType) {
            do {
                message.pointee[keyPath: path] = try Encoding.read(from: &input)
                try input.nextTag()
            } catch {
                throw error.inside(key)
            }
        }
    }

    @inline(__always)
    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.tag == ProtobufBytes.tag(number, Encoding.wireType) {
            do {
                try input.spend(MemoryLayout<Encoding.Value>.stride)
                message.pointee[keyPath: path].append(try Encoding.read(from: &input))
                try input.nextTag()
            } catch {
                throw error.inside(key, index: message.pointee[keyPath: path].count)
            }
        }
    }

    @inline(__always)
    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(WireError) {
        while input.tag == ProtobufBytes.tag(number, .lengthDelimited) {
            do {
                // Out and in again: an in-place access would go through the key path at run time.
                var child = message.pointee[keyPath: path]
                let outerEnd = try input.enter()
                try ProtobufReader<Child>.read(&child, from: &input)
                message.pointee[keyPath: path] = child
                try input.leave(outerEnd)
            } catch {
                throw error.inside(key)
            }
        }
    }

    @inline(__always)
    mutating func requiredMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(WireError) {
        try message(number, key, path)
    }

    @inline(__always)
    mutating func optionalMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child?>
    ) throws(WireError) {
        while input.tag == ProtobufBytes.tag(number, .lengthDelimited) {
            do {
                var child = message.pointee[keyPath: path] ?? Child.wireDefault
                // Taken out, or every repetition of the field would copy what the ones before it have read.
                message.pointee[keyPath: path] = nil
                let outerEnd = try input.enter()
                try ProtobufReader<Child>.read(&child, from: &input)
                message.pointee[keyPath: path] = child
                try input.leave(outerEnd)
            } catch {
                throw error.inside(key)
            }
        }
    }

    @inline(__always)
    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) throws(WireError) {
        guard input.tag == ProtobufBytes.tag(number, .lengthDelimited) else { return }
        // Only for the first run: reserving for each of many short runs would copy the array each time.
        if message.pointee[keyPath: path].isEmpty {
            let count = input.countOfRun()
            let left = input
            try input.spend(count * MemoryLayout<Child>.stride)
            message.pointee[keyPath: path].reserveCapacity(count)
            input = left
        }
        repeat {
            do {
                try input.spend(MemoryLayout<Child>.stride)
                var child = Child.wireDefault
                let outerEnd = try input.enter()
                try ProtobufReader<Child>.read(&child, from: &input)
                message.pointee[keyPath: path].append(child)
                try input.leave(outerEnd)
            } catch {
                throw error.inside(key, index: message.pointee[keyPath: path].count)
            }
        } while input.tag == ProtobufBytes.tag(number, .lengthDelimited)
    }
}

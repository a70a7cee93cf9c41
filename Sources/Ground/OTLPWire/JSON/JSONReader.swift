// SPDX-License-Identifier: Apache-2.0

/// Reads one message from OTLP/JSON.
struct JSONReader<Message: WireMessage>: FieldWalker {
    typealias Failure = WireError

    private let message: UnsafeMutablePointer<Message>
    private var input: JSONInput

    /// Reads one object into `message`, on top of what stands there.
    static func read(_ message: inout Message, from input: inout JSONInput) throws(WireError) {
        try withUnsafeMutablePointer(to: &message) { (pointer) throws(WireError) in
            var reader = JSONReader(message: pointer, input: input)
            try reader.readFields()
            input = reader.input
        }
    }

    private init(message: UnsafeMutablePointer<Message>, input: JSONInput) {
        self.message = message
        self.input = input
    }

    private mutating func readFields() throws(WireError) {
        try input.beginObject()
        while input.hasKey {
            let before = input.offset
            try Message.fields(&self)
            // No field of the list was the next one.
            if input.offset == before, input.hasKey {
                try input.skipValue()
                try input.nextKey()
            }
        }
        input.endObject()
    }

    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.isAt(key) {
            do {
                if try !input.skipNull() {
                    message.pointee[keyPath: path] = try Encoding.readJSON(from: &input)
                }
            } catch {
                throw error.inside(key)
            }
            try input.nextKey()
        }
    }

    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.isAt(key) {
            do {
                if try !input.skipNull() {
                    message.pointee[keyPath: path] = try Encoding.readJSON(from: &input)
                }
            } catch {
                throw error.inside(key)
            }
            try input.nextKey()
        }
    }

    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.isAt(key) {
            try readArray(key, path) { (input) throws(WireError) in try Encoding.readJSON(from: &input) }
        }
    }

    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(WireError) {
        while input.isAt(key) {
            do {
                if try !input.skipNull() {
                    try JSONReader<Child>.read(&message.pointee[keyPath: path], from: &input)
                }
            } catch {
                throw error.inside(key)
            }
            try input.nextKey()
        }
    }

    mutating func requiredMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(WireError) {
        try message(number, key, path)
    }

    mutating func optionalMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child?>
    ) throws(WireError) {
        while input.isAt(key) {
            do {
                if try !input.skipNull() {
                    var child = message.pointee[keyPath: path] ?? Child.wireDefault
                    try JSONReader<Child>.read(&child, from: &input)
                    message.pointee[keyPath: path] = child
                }
            } catch {
                throw error.inside(key)
            }
            try input.nextKey()
        }
    }

    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) throws(WireError) {
        while input.isAt(key) {
            try readArray(key, path) { (input) throws(WireError) in
                var child = Child.wireDefault
                if try !input.skipNull() { try JSONReader<Child>.read(&child, from: &input) }
                return child
            }
        }
    }

    private mutating func readArray<Element>(
        _ key: StaticString, _ path: WritableKeyPath<Message, [Element]>,
        _ readElement: (inout JSONInput) throws(WireError) -> Element
    ) throws(WireError) {
        var elements: [Element] = []
        var isNull = false
        do {
            isNull = try input.skipNull()
            if !isNull { try input.beginArray() }
        } catch {
            throw error.inside(key)
        }
        if !isNull {
            do {
                while try input.nextElement(isFirst: elements.isEmpty) {
                    try input.spend(MemoryLayout<Element>.stride)
                    elements.append(try readElement(&input))
                }
            } catch {
                throw error.inside(key, index: elements.count)
            }
            message.pointee[keyPath: path] = elements
        }
        try input.nextKey()
    }
}

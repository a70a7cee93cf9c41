// SPDX-License-Identifier: Apache-2.0

/// Reads one message from OTLP/JSON.
struct JSONReader<Message: WireMessage>: FieldWalker {
    typealias Failure = WireError

    static var isJSON: Bool { true }

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

    // The walker's functions are inlined into the list, where the key path is a literal and costs nothing;
    // what they call is not, to keep the lists short.

    @inline(__always)
    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.isAt(key) {
            if let value = try scalar(key, encoding) { message.pointee[keyPath: path] = value }
        }
    }

    @inline(__always)
    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.isAt(key) {
            if let value = try scalar(key, encoding) { message.pointee[keyPath: path] = value }
        }
    }

    @inline(__always)
    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) throws(WireError) {
        while input.isAt(key) {
            if let values = try array(
                key, { (input) throws(WireError) in try Encoding.readJSON(from: &input) })
            {
                message.pointee[keyPath: path] = values
            }
        }
    }

    @inline(__always)
    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(WireError) {
        while input.isAt(key) {
            // Out and in again: an in-place access would go through the key path at run time.
            var child = message.pointee[keyPath: path]
            if try object(key, &child) { message.pointee[keyPath: path] = child }
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
        while input.isAt(key) {
            // A list that comes again replaces the one before (see ``messages``), so nothing is copied here.
            var child = message.pointee[keyPath: path] ?? Child.wireDefault
            if try object(key, &child) { message.pointee[keyPath: path] = child }
        }
    }

    @inline(__always)
    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) throws(WireError) {
        while input.isAt(key) {
            if let children = try array(key, Self.child(Child.self)) {
                message.pointee[keyPath: path] = children
            }
        }
    }

    private static func child<Child: WireMessage>(
        _ type: Child.Type
    ) -> (inout JSONInput) throws(WireError) -> Child {
        { (input) throws(WireError) in
            var child = Child.wireDefault
            if try !input.skipNull() { try JSONReader<Child>.read(&child, from: &input) }
            return child
        }
    }

    /// Reads one value and steps to the next key; nil for null.
    private mutating func scalar<Encoding: FieldEncoding>(
        _ key: StaticString, _ encoding: Encoding.Type
    ) throws(WireError) -> Encoding.Value? {
        do {
            let value = try input.skipNull() ? nil : try Encoding.readJSON(from: &input)
            try input.nextKey()
            return value
        } catch {
            throw error.inside(key)
        }
    }

    /// Reads one object on top of `child` and steps to the next key; false for null.
    private mutating func object<Child: WireMessage>(
        _ key: StaticString, _ child: inout Child
    ) throws(WireError) -> Bool {
        do {
            let isNull = try input.skipNull()
            if !isNull { try JSONReader<Child>.read(&child, from: &input) }
            try input.nextKey()
            return !isNull
        } catch {
            throw error.inside(key)
        }
    }

    /// Reads one array and steps to the next key; nil for null.
    private mutating func array<Element>(
        _ key: StaticString, _ element: (inout JSONInput) throws(WireError) -> Element
    ) throws(WireError) -> [Element]? {
        do {
            if try input.skipNull() {
                try input.nextKey()
                return nil
            }
            try input.beginArray()
        } catch {
            throw error.inside(key)
        }
        var elements: [Element] = []
        do {
            while try input.nextElement(isFirst: elements.isEmpty) {
                try input.spend(MemoryLayout<Element>.stride)
                elements.append(try element(&input))
            }
        } catch {
            throw error.inside(key, index: elements.count)
        }
        do { try input.nextKey() } catch { throw error.inside(key) }
        return elements
    }
}

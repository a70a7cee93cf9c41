// SPDX-License-Identifier: Apache-2.0

/// A message of OTLP: one list of its fields, walked by the readers and writers of both encodings.
protocol WireMessage: SendableMetatype {
    /// The message of zero bytes, of `{}`.
    static var wireDefault: Self { get }

    /// Bytes that the length of this message usually takes; a wrong guess costs one move of its bytes.
    static var lengthSizeHint: Int { get }

    /// Names every field once, in the order of their numbers.
    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self
}

extension WireMessage {
    static var lengthSizeHint: Int { 1 }
}

/// What happens at each field: reading or writing it in one of the two encodings.
///
/// A writer visits the list once. A reader stands before the next field of its input and takes it when the
/// list comes by; senders write fields in order, so that one walk over the list usually reads the whole
/// message with one comparison per field, and a message in any other order only takes more walks.
protocol FieldWalker<Message> {
    associatedtype Message
    associatedtype Failure: Error

    /// True for OTLP/JSON, for the few messages whose form differs there.
    static var isJSON: Bool { get }

    /// A scalar that is absent when it has its default value.
    mutating func field<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value>,
        _ encoding: Encoding.Type
    ) throws(Failure)

    /// A scalar of a oneof: nil when another member is set, and written even when it is 0, `""` or false.
    mutating func member<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Encoding.Value?>,
        _ encoding: Encoding.Type
    ) throws(Failure)

    /// A list of scalars that are not packed.
    mutating func list<Encoding: FieldEncoding>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Encoding.Value]>,
        _ encoding: Encoding.Type
    ) throws(Failure)

    /// A message that is absent when nothing in it is set.
    mutating func message<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(Failure)

    /// A message that is always written, even when nothing in it is set.
    mutating func requiredMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child>
    ) throws(Failure)

    /// A message whose presence says something: nil is absent, and an empty one is written.
    mutating func optionalMessage<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, Child?>
    ) throws(Failure)

    mutating func messages<Child: WireMessage>(
        _ number: UInt32, _ key: StaticString, _ path: WritableKeyPath<Message, [Child]>
    ) throws(Failure)
}

/// How one kind of scalar stands in both encodings.
protocol FieldEncoding {
    associatedtype Value

    static var wireType: WireType { get }
    static func isDefault(_ value: Value) -> Bool

    /// Writes what follows the tag.
    static func write(_ value: Value, to output: inout ByteSink)
    static func read(from input: inout ProtobufInput) throws(WireError) -> Value
    static func writeJSON(_ value: Value, to output: inout ByteSink)
    static func readJSON(from input: inout JSONInput) throws(WireError) -> Value
}

// SPDX-License-Identifier: Apache-2.0

/// What a value of a span means and how it is kept. The values of one slot make a column of a block.
struct Slot: Hashable, Sendable {
    /// Kept in files: raw values never change their meaning.
    enum Place: UInt8, Sendable {
        case spanAttribute
        /// Begins the next event; has no value. What follows of events belongs to it.
        case event, eventAttribute, eventTime, eventName, eventDroppedAttributes
        /// Begins the next link, likewise.
        case link, linkAttribute, linkTraceHigh, linkTraceLow, linkSpan, linkTraceState
        case linkDroppedAttributes, linkFlags
        case traceState, flags, statusMessage, droppedAttributes, droppedEvents, droppedLinks
        /// The whole span as protobuf, where its shape is one of too many.
        case whole
    }

    /// Kept in files, as ``Place``.
    enum Kind: UInt8, Sendable {
        /// No value.
        case none
        case string, int, double, bool, bytes
        /// An array or map: the `AnyValue` as protobuf.
        case complex
    }

    var place: Place
    var kind: Kind
    /// Of an attribute; empty for others.
    var key: [UInt8]

    var hasValue: Bool { kind != .none }

    /// Whether its values are numbers of a dictionary.
    var isDictionary: Bool { kind.isDictionary }
}

extension Slot.Kind {
    @inline(__always)
    var isDictionary: Bool { self == .string || self == .bytes || self == .complex }
}

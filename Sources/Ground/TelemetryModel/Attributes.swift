// SPDX-License-Identifier: Apache-2.0

/// One key with its value.
public struct Attribute: Hashable, Sendable {
    public var key: String
    public var value: AttributeValue

    public init(key: String, value: AttributeValue) {
        self.key = key
        self.value = value
    }
}

/// Attributes in the order in which they were set or received.
///
/// Setting a key again overwrites its value in place. What a peer sent twice stays twice, so that what is
/// stored is what was sent; look-ups then give the last one. Source: OpenTelemetry specification 1.60,
/// "Attribute Collections".
public struct Attributes: Hashable, Sendable {
    // Linear: records carry few attributes (limit 128), and a dictionary costs three more allocations.
    @usableFromInline package var elements: [Attribute]

    // Every span starts with a set of these: inlined, nothing is called, counted or freed for it.
    @inlinable public init() { elements = [] }

    /// Takes the elements as they are, duplicates included.
    public init(_ elements: [Attribute]) { self.elements = elements }

    /// The value of `key` (the last one if it stands twice). Setting nil removes every one of that key.
    public subscript(key: String) -> AttributeValue? {
        get { elements.last { $0.key == key }?.value }
        set {
            guard let newValue else { return elements.removeAll { $0.key == key } }
            if let index = elements.lastIndex(where: { $0.key == key }) {
                elements[index].value = newValue
            } else {
                elements.append(Attribute(key: key, value: newValue))
            }
        }
    }

    /// Adds at the end without looking for the key.
    public mutating func append(_ attribute: Attribute) { elements.append(attribute) }
}

extension Attributes: RandomAccessCollection, ExpressibleByDictionaryLiteral {
    // Asked for each span: a call of 30 instructions through the collection's generic code.
    @inlinable public var isEmpty: Bool { elements.isEmpty }
    public var startIndex: Int { elements.startIndex }
    public var endIndex: Int { elements.endIndex }
    public subscript(position: Int) -> Attribute { elements[position] }

    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self.init()
        for (key, value) in elements { self[key] = value }
    }
}

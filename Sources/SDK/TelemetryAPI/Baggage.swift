// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule

/// Names with values that travel with a request through all services.
///
/// A value: changing a copy changes nothing else. Names and values are any UTF-8, names are case-sensitive
/// and never empty, one value per name. What stands here may leave the house in headers: no secrets.
/// Source: OpenTelemetry specification 1.60, "Baggage API".
public struct Baggage: Hashable, Sendable {
    /// One name with its value.
    public struct Entry: Hashable, Sendable {
        public let name: String
        public let value: String
        /// Properties of the entry, opaque, as they stand behind `;` on the wire; empty for none.
        public let metadata: String

        package init(name: String, value: String, metadata: String) {
            self.name = name
            self.value = value
            self.metadata = metadata
        }
    }

    /// In the order in which they were first set.
    // Linear: a request carries a handful of entries, and a dictionary would lose their order.
    public private(set) var entries: [Entry]

    /// No entries; allocates nothing.
    public init() { entries = [] }

    public var isEmpty: Bool { entries.isEmpty }

    /// The value of `name`, nil when absent. Setting keeps no metadata; setting nil removes the entry.
    public subscript(name: String) -> String? {
        get { entries.first { $0.name == name }?.value }
        set {
            if let newValue { set(name, to: newValue) } else { remove(name) }
        }
    }

    /// Gives `name` a value and metadata in place of those it had; an empty name is ignored.
    public mutating func set(_ name: String, to value: String, metadata: String = "") {
        guard !name.isEmpty else { return }
        let entry = Entry(name: name, value: value, metadata: metadata)
        if let index = entries.firstIndex(where: { $0.name == name }) {
            entries[index] = entry
        } else {
            entries.append(entry)
        }
    }

    /// Takes `name` out; nothing happens when it was absent.
    public mutating func remove(_ name: String) { entries.removeAll { $0.name == name } }
}

private enum BaggageKey: ServiceContextKey {
    typealias Value = Baggage
    static let nameOverride: String? = "opentelemetry-baggage"
}

extension ServiceContext {
    /// What travels with the request; empty when nothing does. Setting the empty baggage clears it.
    public var baggage: Baggage {
        get { self[BaggageKey.self] ?? Baggage() }
        set { self[BaggageKey.self] = newValue.isEmpty ? nil : newValue }
    }
}

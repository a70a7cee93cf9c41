// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Columns whose distinct values can be had.
protocol AttributeDictionaries: AttributeColumns {
    /// Calls `body` for each entry of the dictionary of a slot, until it returns false.
    func forEachEntry(ofSlot slot: Int, _ body: (_ entry: [UInt8]) -> Bool) throws(StorageError)
    /// The values of a slot of numbers, in any order.
    func numbers(ofSlot slot: Int) throws(StorageError) -> [UInt64]
}

/// Values of one attribute, collected block by block.
struct AttributeValueSet {
    private let query: AttributeValueQuery
    private let limit: Int
    private var found: Set<ExactText> = []
    /// Values that were looked at.
    private(set) var visited = 0
    var isComplete = true

    init(_ query: AttributeValueQuery, limit: Int) {
        self.query = query
        self.limit = limit
    }

    /// Further values are of no use.
    var isFull: Bool { found.count > limit }

    var list: AttributeValueList {
        let values = found.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return AttributeValueList(values: Array(values.prefix(limit)), isComplete: isComplete && !isFull)
    }

    /// Whether a block with these keys can have a value.
    func asks(_ block: AttributeEntries) -> Bool {
        let key = ExactText(query.key)
        return block.entries.contains { $0.key == key && isAskedFor($0.scope) }
    }

    private func isAskedFor(_ scope: AttributeScope) -> Bool {
        query.scope.map { $0 == scope } ?? (scope == .span || scope == .resource)
    }

    mutating func add(from block: some AttributeDictionaries) throws(StorageError) {
        if isAskedFor(.resource) {
            for resource in block.origins.resources { add(resource.attributes) }
        }
        if isAskedFor(.scope) {
            for scope in block.origins.origins.lazy.map(\.scope) {
                add(scope.attributes)
                if query.key == AttributeScope.OwnKey.name, !scope.name.isEmpty { add(scope.name) }
                if query.key == AttributeScope.OwnKey.version, !scope.version.isEmpty { add(scope.version) }
            }
        }
        let key = [UInt8](query.key.utf8)
        for (number, slot) in block.slots.enumerated() where !isFull {
            let isAsked =
                switch slot.place {
                case .spanAttribute: isAskedFor(.span) && slot.key == key
                case .eventAttribute: isAskedFor(.event) && slot.key == key
                case .linkAttribute: isAskedFor(.link) && slot.key == key
                case .eventName: isAskedFor(.event) && query.key == AttributeScope.OwnKey.name
                default: false
                }
            if isAsked { try add(slot.kind, number, of: block) }
        }
    }

    private mutating func add(
        _ kind: Slot.Kind, _ slot: Int, of block: some AttributeDictionaries
    ) throws(StorageError) {
        switch kind {
        case .string:
            try block.forEachEntry(ofSlot: slot) { entry in
                visited += 1
                if entry.starts(with: query.prefix.utf8) {
                    found.insert(ExactText(String(decoding: entry, as: UTF8.self)))
                }
                return !isFull
            }
        case .int, .double, .bool:
            let numbers = try block.numbers(ofSlot: slot)
            visited += numbers.count
            for number in Set(numbers) where !isFull {
                switch kind {
                case .int: add(String(Int64(bitPattern: number)))
                case .double: add(Double(bitPattern: number).description)
                default: add(number == 0 ? "false" : "true")
                }
            }
        case .none, .bytes, .complex: break
        }
    }

    private mutating func add(_ attributes: Attributes) {
        let key = ExactText(query.key)
        for attribute in attributes where ExactText(attribute.key) == key {
            switch attribute.value {
            case .string(let text): add(text)
            case .int(let number): add(String(number))
            case .double(let number): add(number.description)
            case .bool(let flag): add(flag ? "true" : "false")
            case .bytes, .array, .map, .empty: break
            }
        }
    }

    private mutating func add(_ text: String) {
        visited += 1
        if text.utf8.starts(with: query.prefix.utf8) { found.insert(ExactText(text)) }
    }
}

extension ActiveAttributes: AttributeDictionaries {
    /// Also of a request that was not kept after all: such a value is found nowhere.
    func forEachEntry(ofSlot slot: Int, _ body: ([UInt8]) -> Bool) {
        for number in 0..<dictionaryCount(ofSlot: slot) {
            guard body(entry(UInt64(number), inSlot: slot) ?? []) else { return }
        }
    }

    func numbers(ofSlot slot: Int) throws(StorageError) -> [UInt64] {
        var numbers: [UInt64] = []
        try values(ofSlots: [slot]) { _, _, value in numbers.append(value) }
        return numbers
    }
}

extension StoredAttributes: AttributeDictionaries {
    func forEachEntry(ofSlot slot: Int, _ body: ([UInt8]) -> Bool) throws(StorageError) {
        try reader.dictionary(slot, of: head)?.forEachEntry { _, entry in body(entry) }
    }

    func numbers(ofSlot slot: Int) throws(StorageError) -> [UInt64] {
        try reader.column(slot, of: head)?.values ?? []
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Answers which attributes and which values of them there are: from the active block and the blocks that were sealed
/// last, so many that it takes no longer than a person needs to type a letter.
struct AttributeCatalog {
    /// Heads that one question reads: the keys of 4 million spans. The next question reads on.
    private static let headsMax = 256
    /// Blocks into which one question for values looks.
    private static let blocksMax = 64
    /// Values that one question for values goes over; the block at which it is reached is finished.
    private static let valuesMax = 20_000

    private let view: StoreCore.View
    private let index: AttributeKeyIndex
    private let reader: BlockReader

    init(view: StoreCore.View, index: AttributeKeyIndex, reader: BlockReader) {
        self.view = view
        self.index = index
        self.reader = reader
    }

    func keys(_ query: AttributeKeyQuery) throws(StorageError) -> AttributeKeyList {
        for number in index.unknown(among: view.blocks).suffix(Self.headsMax).reversed()
        where index.hasRoom {
            try learn(number)
        }
        let active = ActiveAttributes(view.active)
        var isComplete = index.unknown(among: view.blocks).isEmpty
        var types: [Place: Set<AttributeKey.ValueType>] = [:]
        let all =
            index.entries(of: view.blocks) + [AttributeEntries(slots: active.slots, origins: active.origins)]
        for block in all {
            if block.hasUnknown { isComplete = false }
            for entry in block.entries
            where (query.scope == nil || query.scope == entry.scope)
                && entry.key.text.utf8.starts(with: query.prefix.utf8)
            {
                types[Place(key: entry.key, scope: entry.scope), default: []].insert(entry.type)
            }
        }
        let limit = Self.limit(query.limit)
        let keys = types.sorted { $0.key.comesBefore($1.key) }.prefix(limit).map { place, types in
            AttributeKey(
                scope: place.scope, key: place.key.text,
                types: AttributeKey.ValueType.allCases.filter { types.contains($0) })
        }
        return AttributeKeyList(keys: keys, isComplete: isComplete && types.count <= limit)
    }

    func values(_ query: AttributeValueQuery) throws(StorageError) -> AttributeValueList {
        var values = AttributeValueSet(query, limit: Self.limit(query.limit))
        let active = ActiveAttributes(view.active)
        if AttributeEntries(slots: active.slots, origins: active.origins).hasUnknown {
            values.isComplete = false
        }
        try values.add(from: active)
        var blocks = 0
        var learned = 0
        for info in view.blocks.reversed() {
            if index.entries(ofBlock: info.number) == nil, learned < Self.headsMax, index.hasRoom {
                learned += 1
                try learn(info.number)
            }
            guard let entries = index.entries(ofBlock: info.number) else {
                values.isComplete = false
                continue
            }
            if entries.hasUnknown { values.isComplete = false }
            guard values.asks(entries) else { continue }
            guard blocks < Self.blocksMax, values.visited < Self.valuesMax, !values.isFull else {
                values.isComplete = false
                break
            }
            blocks += 1
            guard let head = try reader.head(info.number) else { continue }
            try values.add(from: StoredAttributes(head: head, reader: reader))
        }
        return values.list
    }

    private func learn(_ number: Int64) throws(StorageError) {
        // One that is damaged has nothing to tell; whoever reads it says so.
        guard let head = try reader.head(number) else { return }
        index.add(AttributeEntries(slots: head.columns.map(\.slot), origins: head.origins), ofBlock: number)
    }

    private static func limit(_ limit: Int) -> Int { min(max(limit, 0), AttributeKeyQuery.limitMax) }

    private struct Place: Hashable {
        var key: ExactText
        var scope: AttributeScope

        func comesBefore(_ other: Place) -> Bool {
            if key == other.key { return scope.rawValue < other.scope.rawValue }
            return key.text.utf8.lexicographicallyPrecedes(other.key.text.utf8)
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel
import TelemetryStorage

/// A key with its scope and one type of its values.
struct AttributeEntry: Hashable, Sendable {
    var scope: AttributeScope
    var key: ExactText
    var type: AttributeKey.ValueType
}

/// The keys of one block.
struct AttributeEntries: Hashable, Sendable {
    var entries: Set<AttributeEntry> = []
    /// Some of its spans are kept whole, and their keys are not known.
    var hasUnknown = false

    init(slots: [Slot], origins: OriginTable) {
        typealias Own = AttributeScope.OwnKey
        for slot in slots {
            let key = ExactText(String(decoding: slot.key, as: UTF8.self))
            switch slot.place {
            case .spanAttribute: add(.span, key, slot.kind.valueType)
            case .eventAttribute: add(.event, key, slot.kind.valueType)
            case .linkAttribute: add(.link, key, slot.kind.valueType)
            case .eventName: add(.event, ExactText(Own.name), .string)
            case .linkTraceHigh: add(.link, ExactText(Own.traceID), .string)
            case .linkSpan: add(.link, ExactText(Own.spanID), .string)
            case .whole: hasUnknown = true
            case .event, .eventTime, .eventDroppedAttributes, .link, .linkTraceLow, .linkTraceState,
                .linkDroppedAttributes, .linkFlags, .traceState, .flags, .statusMessage,
                .droppedAttributes, .droppedEvents, .droppedLinks:
                break
            }
        }
        for resource in origins.resources { add(.resource, resource.attributes) }
        for origin in origins.origins {
            add(.scope, origin.scope.attributes)
            if !origin.scope.name.isEmpty { add(.scope, ExactText(Own.name), .string) }
            if !origin.scope.version.isEmpty { add(.scope, ExactText(Own.version), .string) }
        }
    }

    private mutating func add(_ scope: AttributeScope, _ attributes: Attributes) {
        for attribute in attributes { add(scope, ExactText(attribute.key), attribute.value.type) }
    }

    private mutating func add(_ scope: AttributeScope, _ key: ExactText, _ type: AttributeKey.ValueType) {
        entries.insert(AttributeEntry(scope: scope, key: key, type: type))
    }
}

/// The keys of sealed blocks, learned when they are first asked for. Most blocks have the same.
final class AttributeKeyIndex: Sendable {
    /// Keys of all distinct sets together: some 10 MB. Of further blocks nothing is kept.
    private static let entriesMax = 100_000

    private struct State {
        var entryCount = 0
        var numbers: [AttributeEntries: Int] = [:]
        var distinct: [AttributeEntries] = []
        var ofBlock: [Int64: Int] = [:]

        mutating func add(_ entries: AttributeEntries, ofBlock number: Int64) {
            if numbers[entries] == nil {
                guard entryCount < AttributeKeyIndex.entriesMax else { return }
                entryCount += entries.entries.count
                numbers[entries] = distinct.count
                distinct.append(entries)
            }
            ofBlock[number] = numbers[entries]
        }
    }

    private let state = Mutex(State())

    /// Blocks of which nothing is known yet.
    func unknown(among blocks: [BlockInfo]) -> [Int64] {
        state.withLock { state in blocks.lazy.map(\.number).filter { state.ofBlock[$0] == nil } }
    }

    /// False when there is no room for more.
    var hasRoom: Bool { state.withLock { $0.entryCount < Self.entriesMax } }

    func add(_ entries: AttributeEntries, ofBlock number: Int64) {
        state.withLock { $0.add(entries, ofBlock: number) }
    }

    /// Nil for a block of which nothing is known.
    func entries(ofBlock number: Int64) -> AttributeEntries? {
        state.withLock { state in state.ofBlock[number].map { state.distinct[$0] } }
    }

    /// Each once. Forgets all other blocks.
    func entries(of blocks: [BlockInfo]) -> [AttributeEntries] {
        let kept = Set(blocks.lazy.map(\.number))
        return state.withLock { state in
            if state.ofBlock.contains(where: { !kept.contains($0.key) }) {
                var rest = State()
                for (number, old) in state.ofBlock where kept.contains(number) {
                    rest.add(state.distinct[old], ofBlock: number)
                }
                state = rest
            }
            return state.distinct
        }
    }
}

extension Slot.Kind {
    fileprivate var valueType: AttributeKey.ValueType {
        switch self {
        case .none: .empty
        case .string: .string
        case .int: .int
        case .double: .double
        case .bool: .bool
        case .bytes: .bytes
        case .complex: .nested
        }
    }
}

extension AttributeValue {
    fileprivate var type: AttributeKey.ValueType {
        switch self {
        case .empty: .empty
        case .string: .string
        case .int: .int
        case .double: .double
        case .bool: .bool
        case .bytes: .bytes
        case .array, .map: .nested
        }
    }
}

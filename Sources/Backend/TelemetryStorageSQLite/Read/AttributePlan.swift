// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// One attribute condition for one block: which of its columns can meet it, and with what.
struct AttributePlan {
    private enum Wanted {
        case number(UInt64)
        case integers(ClosedRange<Int64>)
        case double
        /// The first half of a trace id, whose second follows.
        case traceHigh(UInt64)
        case traceLow(UInt64)
        /// Spans that are kept whole are looked into.
        case whole
    }

    private let condition: TraceQuery.AttributeCondition
    /// By origin.
    private let originMeets: [Bool]
    /// By slot.
    private var wanted: [Int: Wanted] = [:]

    /// Nil when no span of the block can meet the condition, neither itself nor by where it comes from.
    init?(
        _ condition: TraceQuery.AttributeCondition, _ columns: some AttributeColumns
    ) throws(StorageError) {
        self.condition = condition
        let resourceMeets = columns.origins.resources.map { condition.isMet(by: $0) }
        originMeets = columns.origins.origins.map {
            resourceMeets[Int($0.resource)] || condition.isMet(by: $0.scope)
        }
        if condition.scope != .resource, condition.scope != .scope {
            let key = [UInt8](condition.key.utf8)
            for (number, slot) in columns.slots.enumerated() {
                wanted[number] = try Self.wanted(condition, key: key, slot, number, columns)
            }
        }
        guard !wanted.isEmpty || originMeets.contains(true) else { return nil }
    }

    private static func wanted(
        _ condition: TraceQuery.AttributeCondition, key: [UInt8], _ slot: Slot, _ number: Int,
        _ columns: some AttributeColumns
    ) throws(StorageError) -> Wanted? {
        switch slot.place {
        case .whole: return .whole
        case .spanAttribute where condition.scope == nil || condition.scope == .span: break
        case .eventAttribute where condition.scope == .event: break
        case .linkAttribute where condition.scope == .link: break
        case .eventName where condition.scope == .event && condition.key == AttributeScope.OwnKey.name:
            return try wanted(condition, slot.kind, number, columns)
        case .linkTraceHigh: return condition.linkTraceID.map { .traceHigh($0.high) }
        case .linkTraceLow: return condition.linkTraceID.map { .traceLow($0.low) }
        case .linkSpan: return condition.linkSpanID.map { .number($0.value) }
        default: return nil
        }
        return slot.key == key ? try wanted(condition, slot.kind, number, columns) : nil
    }

    private static func wanted(
        _ condition: TraceQuery.AttributeCondition, _ kind: Slot.Kind, _ slot: Int,
        _ columns: some AttributeColumns
    ) throws(StorageError) -> Wanted? {
        let text = condition.value
        let isEquality = condition.comparison == .equal
        switch kind {
        case .string:
            guard isEquality else { return nil }
            return try columns.number(of: text, inSlot: slot).map { .number($0) }
        case .int:
            guard let integers = condition.integers, try columns.mayContain(integers, inSlot: slot) else {
                return nil
            }
            return .integers(integers)
        case .double: return Double(text) == nil ? nil : .double
        case .bool:
            guard isEquality, text == "true" || text == "false" else { return nil }
            return .number(text == "true" ? 1 : 0)
        case .none, .bytes, .complex: return nil
        }
    }

    /// By row whether it meets the condition.
    func verdicts(_ columns: some AttributeColumns) throws(StorageError) -> [Bool] {
        var verdicts = [Bool](repeating: false, count: columns.rowCount)
        if originMeets.contains(true) {
            for (row, origin) in try columns.originOfRows().enumerated() where originMeets[Int(origin)] {
                verdicts[row] = true
            }
        }
        guard !wanted.isEmpty else { return verdicts }
        var others: Set<Int> = []
        for (slot, wanted) in wanted {
            switch wanted {
            case .number(let number):
                try columns.rows(ofSlot: slot, equalTo: number) { verdicts[$0] = true }
            case .integers(let range) where range.lowerBound == range.upperBound:
                try columns.rows(ofSlot: slot, equalTo: UInt64(bitPattern: range.lowerBound)) {
                    verdicts[$0] = true
                }
            case .integers(let range):
                try columns.rows(
                    ofSlot: slot, where: { range.contains(Int64(bitPattern: $0)) }, { verdicts[$0] = true })
            case .double:
                try columns.rows(
                    ofSlot: slot, where: { condition.isMet(by: Double(bitPattern: $0)) },
                    { verdicts[$0] = true })
            case .traceHigh, .traceLow, .whole: others.insert(slot)
            }
        }
        guard !others.isEmpty else { return verdicts }
        var isFirstHalfMet = false
        try columns.values(ofSlots: others) { (row, slot, value) throws(StorageError) in
            let isMet: Bool
            switch wanted[slot] {
            case .traceHigh(let high):
                isFirstHalfMet = high == value
                isMet = false
            case .traceLow(let low):
                isMet = isFirstHalfMet && low == value
                isFirstHalfMet = false
            case .whole: isMet = try self.isMet(bySpan: columns.entry(value, inSlot: slot))
            case .number, .integers, .double, nil: isMet = false
            }
            if isMet { verdicts[row] = true }
        }
        return verdicts
    }

    private func isMet(bySpan bytes: [UInt8]?) throws(StorageError) -> Bool {
        guard let bytes else { return false }
        return condition.isMet(by: try SpanBuilder.whole(bytes))
    }
}

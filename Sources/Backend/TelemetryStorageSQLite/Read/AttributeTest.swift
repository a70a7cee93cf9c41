// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Where the attributes of a block's spans can be asked for, column by column.
protocol AttributeColumns {
    var rowCount: Int { get }
    var origins: OriginTable { get }
    /// By slot.
    var slots: [Slot] { get }
    /// The number of a text in the dictionary of a slot; nil when it is not there.
    func number(of text: String, inSlot slot: Int) throws(StorageError) -> UInt64?
    /// An entry of the dictionary of a slot.
    func entry(_ number: UInt64, inSlot slot: Int) throws(StorageError) -> [UInt8]?
    /// False when none of the slot's integers is one of the numbers.
    func mayContain(_ numbers: ClosedRange<Int64>, inSlot slot: Int) throws(StorageError) -> Bool
    /// Calls `visit` for each value of the slots with its row.
    func values(
        ofSlots slots: Set<Int>,
        _ visit: (_ row: Int, _ slot: Int, _ value: UInt64) throws(StorageError) -> Void
    ) throws(StorageError)
    /// Calls `visit` for each row of which a value of the slot is met; a row may come more than once.
    func rows(
        ofSlot slot: Int, where isMet: (_ value: UInt64) -> Bool, _ visit: (_ row: Int) -> Void
    ) throws(StorageError)
    /// The same for one value.
    func rows(ofSlot slot: Int, equalTo value: UInt64, _ visit: (_ row: Int) -> Void) throws(StorageError)
    /// The origin of each row.
    func originOfRows() throws(StorageError) -> [UInt32]
}

/// Which rows of a block meet all attribute conditions of a query: worked out once, column by column.
struct AttributeTest {
    /// By row; nil when all do.
    private let verdicts: [Bool]?
    /// Those that do, in order; nil when they are many.
    let fewRows: [Int]?
    private static let fewMax = 64

    /// Nil when no row can meet the conditions.
    init?(
        _ conditions: [TraceQuery.AttributeCondition], _ columns: some AttributeColumns
    ) throws(StorageError) {
        guard !conditions.isEmpty else {
            verdicts = nil
            fewRows = nil
            return
        }
        var plans: [AttributePlan] = []
        for condition in conditions {
            guard let plan = try AttributePlan(condition, columns) else { return nil }
            plans.append(plan)
        }
        var verdicts = try plans[0].verdicts(columns)
        for plan in plans.dropFirst() {
            for (row, isMet) in try plan.verdicts(columns).enumerated() where !isMet { verdicts[row] = false }
        }
        let rows = Array(verdicts.indices.lazy.filter { verdicts[$0] }.prefix(Self.fewMax + 1))
        guard !rows.isEmpty else { return nil }
        self.verdicts = verdicts
        fewRows = rows.count <= Self.fewMax ? rows : nil
    }

    func matches(_ row: SpanRow) -> Bool { matches(place: row.place) }

    /// See ``SpanRow/place``.
    func matches(place: Int) -> Bool { verdicts?[place] ?? true }
}

/// The attributes of the active block.
struct ActiveAttributes: AttributeColumns {
    private let active: ActiveBlock
    let rowCount: Int
    let slots: [Slot]

    init(_ active: ActiveBlock) {
        self.active = active
        rowCount = active.committedCount
        slots = (0..<active.shapes.slotCount).map { active.shapes.slot($0) }
    }

    var origins: OriginTable { active.origins }

    func number(of text: String, inSlot slot: Int) -> UInt64? {
        var text = text
        return text.withUTF8 { active.dictionaries[slot].number(of: UnsafeRawBufferPointer($0)) }.map {
            UInt64($0)
        }
    }

    func entry(_ number: UInt64, inSlot slot: Int) -> [UInt8]? {
        active.dictionaries[slot].entry(Int(number))
    }

    func dictionaryCount(ofSlot slot: Int) -> Int { active.dictionaries[slot].count }

    func mayContain(_ numbers: ClosedRange<Int64>, inSlot slot: Int) -> Bool { true }

    func values(
        ofSlots wanted: Set<Int>, _ visit: (Int, Int, UInt64) throws(StorageError) -> Void
    ) throws(StorageError) {
        // By shape: where among a row's values the wanted ones stand.
        var places: [Int32: [(offset: Int, slot: Int)]] = [:]
        for (index, row) in active.rows[..<rowCount].enumerated() {
            if places[row.shape] == nil {
                places[row.shape] = active.shapes.slots(of: row.shape).filter { slots[$0].hasValue }
                    .enumerated().filter { wanted.contains($0.element) }.map { ($0.offset, $0.element) }
            }
            for place in places[row.shape] ?? [] {
                try visit(index, place.slot, active.values[Int(row.firstValue) + place.offset])
            }
        }
    }

    func rows(ofSlot slot: Int, where isMet: (UInt64) -> Bool, _ visit: (Int) -> Void) throws(StorageError) {
        try values(ofSlots: [slot]) { row, _, value in
            if isMet(value) { visit(row) }
        }
    }

    func rows(ofSlot slot: Int, equalTo value: UInt64, _ visit: (Int) -> Void) throws(StorageError) {
        try rows(ofSlot: slot, where: { $0 == value }, visit)
    }

    func originOfRows() -> [UInt32] { active.rows[..<rowCount].map(\.origin) }
}

/// The attributes of a sealed block. What is damaged holds nothing.
struct StoredAttributes: AttributeColumns {
    let head: BlockHead
    let reader: BlockReader

    var rowCount: Int { head.rowCount }
    var origins: OriginTable { head.origins }
    var slots: [Slot] { head.columns.map(\.slot) }

    func number(of text: String, inSlot slot: Int) throws(StorageError) -> UInt64? {
        var found: Int?
        var isNew = false
        let dictionary = try reader.dictionary(slot, of: head) { dictionary in
            isNew = true
            found = dictionary.number(of: text)
            return found != nil
        }
        return (isNew ? found : dictionary?.number(of: text)).map { UInt64($0) }
    }

    func entry(_ number: UInt64, inSlot slot: Int) throws(StorageError) -> [UInt8]? {
        guard let dictionary = try reader.dictionary(slot, of: head), number < UInt64(dictionary.count)
        else { return nil }
        return dictionary.entry(Int(number))
    }

    func mayContain(_ numbers: ClosedRange<Int64>, inSlot slot: Int) throws(StorageError) -> Bool {
        guard head.columns[slot].range?.overlaps(numbers) ?? true else { return false }
        var isFound = false
        var isNew = false
        let column = try reader.column(slot, of: head) { column in
            isNew = true
            isFound = column.contains(in: numbers)
            return isFound
        }
        return isNew ? isFound : column?.contains(in: numbers) ?? false
    }

    func values(
        ofSlots wanted: Set<Int>, _ visit: (Int, Int, UInt64) throws(StorageError) -> Void
    ) throws(StorageError) {
        guard let codes = try reader.codes(head.number) else { return }
        var columns: [[UInt64]] = Array(repeating: [], count: head.columns.count)
        for slot in wanted { columns[slot] = try reader.column(slot, of: head)?.values ?? [] }
        let slotsOfShape = head.shapes.map { $0.filter { wanted.contains($0) } }
        var next = [Int](repeating: 0, count: head.columns.count)
        for row in 0..<codes.shapes.count {
            for slot in slotsOfShape[Int(codes.shapes[row])] {
                if next[slot] < columns[slot].count { try visit(row, slot, columns[slot][next[slot]]) }
                next[slot] += 1
            }
        }
    }

    func rows(ofSlot slot: Int, where isMet: (UInt64) -> Bool, _ visit: (Int) -> Void) throws(StorageError) {
        guard let values = try reader.column(slot, of: head)?.values else { return }
        try rows(ofSlot: slot, at: values.indices.filter { isMet(values[$0]) }, visit)
    }

    func rows(ofSlot slot: Int, equalTo value: UInt64, _ visit: (Int) -> Void) throws(StorageError) {
        guard let column = try reader.column(slot, of: head) else { return }
        try rows(ofSlot: slot, at: column.positions(of: value), visit)
    }

    /// The rows of which the values at these positions of a column are.
    private func rows(
        ofSlot slot: Int, at positions: [Int], _ visit: (Int) -> Void
    ) throws(StorageError) {
        var met = positions[...]
        guard !met.isEmpty, let codes = try reader.codes(head.number) else { return }
        let valuesOfShape = head.shapes.map { shape in shape.count { $0 == slot } }
        var (row, end) = (0, 0)
        codes.shapes.forEach(in: 0..<codes.shapes.count) { shape in
            end += valuesOfShape[Int(shape)]
            if let next = met.first, next < end {
                visit(row)
                while let next = met.first, next < end { met.removeFirst() }
            }
            row += 1
        }
    }

    func originOfRows() throws(StorageError) -> [UInt32] {
        guard let codes = try reader.codes(head.number) else { return [] }
        return (0..<codes.origins.count).map { codes.origin(ofRow: $0) }
    }
}

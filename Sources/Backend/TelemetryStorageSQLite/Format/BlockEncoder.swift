// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// A block that is ready to be written.
struct NewBlock: Sendable {
    var info: BlockInfo
    var sections: [(number: Int, bytes: [UInt8])]
}

/// Makes sealed blocks of the active one: rows by trace, traces by start, each span once. Pure.
struct BlockEncoder {
    /// A block takes further traces up to this many spans. Fewer compress worse, more make a question that
    /// reads one trace dearer (decision 010).
    static let spansPerBlock = 16_384
    /// Great spans make a block before that: this many bytes of requests bound the memory of the active one.
    static let bytesPerBlock = 16 << 20

    private let active: ActiveBlock
    private var table = SpanTable()

    static func blocks(
        of active: ActiveBlock, spansPerBlock: Int = BlockEncoder.spansPerBlock
    ) throws(StorageError) -> [NewBlock] {
        let all = SpanTable(active, count: active.rows.count)
        var encoder = BlockEncoder(active: active)
        var blocks: [NewBlock] = []
        let blockCount = max(
            1, max(all.rows.count / spansPerBlock, active.requestBytes / (4 * bytesPerBlock)))
        // Even shares, so that no tiny block is left at the end.
        let share = (all.rows.count + blockCount - 1) / blockCount
        var seen = SpanKeys()
        for part in all.parts.sorted(by: { ($0.start, $0.id) < ($1.start, $1.id) }) {
            if encoder.table.rows.count >= share { blocks.append(try encoder.finish()) }
            var first = encoder.table.rows.count
            seen.removeAll()
            for row in all.rows[part.rows] where seen.insert(row.key) {
                // A trace alone greater than a block is cut.
                if encoder.table.rows.count >= 2 * share {
                    encoder.closePart(part.id, first: first)
                    blocks.append(try encoder.finish())
                    first = 0
                }
                encoder.table.rows.append(row)
            }
            encoder.closePart(part.id, first: first)
        }
        if !encoder.table.rows.isEmpty { blocks.append(try encoder.finish()) }
        return blocks
    }

    private init(active: ActiveBlock) { self.active = active }

    private mutating func closePart(_ id: TraceID, first: Int) {
        guard first < table.rows.count else { return }
        let start = table.rows[first...].reduce(UInt64.max) { min($0, $1.start) }
        table.parts.append(TracePart(id: id, rows: first..<table.rows.count, start: start))
    }

    private mutating func finish() throws(StorageError) -> NewBlock {
        defer { table = SpanTable() }
        let info = BlockInfo(table)
        var origins = OriginTable()
        var originNumbers = [UInt32](repeating: .max, count: active.origins.origins.count)
        var operations = NumberSet()
        var operationCodes: [UInt64] = []
        operationCodes.reserveCapacity(table.rows.count)
        for index in table.rows.indices {
            let number = Int(table.rows[index].origin)
            if originNumbers[number] == .max {
                var origin = active.origins.origins[number]
                origin.resource = origins.add(active.origins.resources[Int(origin.resource)])
                originNumbers[number] = origins.add(origin)
            }
            table.rows[index].origin = originNumbers[number]
            operationCodes.append(UInt64(operations.place(of: table.rows[index].operation)))
        }
        var values = BlockValues(active, table)
        let columns = try values.sections()
        var sections = try table.sections(shapes: values.shapeOfRow, operations: operationCodes)
        var head = SectionWriter()
        try head.frame(
            BlockHead.write(
                rowCount: table.rows.count, columns: values.columns, shapes: values.shapes,
                operations: operations.numbers, origins: origins))
        sections.append((SectionNumber.head, head.bytes))
        return NewBlock(info: info, sections: sections + columns)
    }
}

/// The values of a block's spans turned from rows into columns, with the slots and shapes that are used.
private struct BlockValues {
    private(set) var columns: [BlockHead.Column] = []
    private(set) var shapes: [[Int]] = []
    private(set) var shapeOfRow: [UInt64] = []

    private let active: ActiveBlock
    /// By the active block's slot: the block's own; -1 for those it has not.
    private var slotNumbers: [Int]
    /// By the block's own slot: the active block's.
    private var slots: [Int] = []
    private var values: [GrownBuffer<UInt64>] = []
    /// By the block's own slot: whether its values are kept above the start of their span.
    private var areNearStart: [Bool] = []
    /// By the block's own shape: its slots that have values.
    private var valueSlots: [[Int]] = []

    init(_ active: ActiveBlock, _ table: SpanTable) {
        self.active = active
        slotNumbers = Array(repeating: -1, count: active.shapes.slotCount)
        shapeOfRow.reserveCapacity(table.rows.count)
        var shapeNumbers: [Int32: Int] = [:]
        var last: (node: Int32, number: Int) = (-2, 0)
        for row in table.rows {
            let source = active.rows[row.place]
            if source.shape != last.node {
                last = (source.shape, shapeNumbers[source.shape] ?? addShape(source.shape, &shapeNumbers))
            }
            shapeOfRow.append(UInt64(last.number))
            var next = Int(source.firstValue)
            for slot in valueSlots[last.number] {
                let value = active.values[next]
                // Events lie near the start of their span.
                values[slot].append(areNearStart[slot] ? value &- source.start : value)
                next += 1
            }
        }
    }

    private mutating func addShape(_ node: Int32, _ numbers: inout [Int32: Int]) -> Int {
        let shape = active.shapes.slots(of: node).map { slot in
            if slotNumbers[slot] < 0 {
                slotNumbers[slot] = slots.count
                slots.append(slot)
                values.append(GrownBuffer())
                areNearStart.append(active.shapes.slot(slot).place == .eventTime)
                columns.append(BlockHead.Column(slot: active.shapes.slot(slot), count: 0, range: nil))
            }
            return slotNumbers[slot]
        }
        numbers[node] = shapes.count
        shapes.append(shape)
        valueSlots.append(shape.filter { columns[$0].slot.hasValue })
        return shapes.count - 1
    }

    /// Also completes the columns.
    mutating func sections() throws(StorageError) -> [(number: Int, bytes: [UInt8])] {
        var sections: [(number: Int, bytes: [UInt8])] = []
        for slot in columns.indices where columns[slot].slot.hasValue {
            columns[slot].count = values[slot].count
            var section = SectionWriter()
            switch columns[slot].slot.kind {
            case .none: continue
            case .string, .bytes, .complex:
                let dictionary = active.dictionaries[slots[slot]]
                var entries: [Int] = []
                var numbers = [Int](repeating: -1, count: dictionary.count)
                values[slot].makeUnshared()
                for index in values[slot].indices {
                    let entry = Int(values[slot][index])
                    if numbers[entry] < 0 {
                        numbers[entry] = entries.count
                        entries.append(entry)
                    }
                    values[slot].set(index, to: UInt64(numbers[entry]))
                }
                try values[slot].withValues { (codes) throws(StorageError) in
                    try CodeColumn.write(codes, to: &section)
                }
                var texts = SectionWriter()
                try StoredDictionary.write(
                    dictionary, entries, areTexts: columns[slot].slot.kind == .string, to: &texts)
                sections.append((SectionNumber.dictionary(ofSlot: slot), texts.bytes))
            case .double:
                try values[slot].withValues { (bits) throws(StorageError) in
                    try DoubleColumn.write(bits, to: &section)
                }
            case .int, .bool:
                let signed = values[slot].lazy.map { Int64(bitPattern: $0) }
                if let least = signed.min(), let most = signed.max() { columns[slot].range = least...most }
                try values[slot].withValues { (numbers) throws(StorageError) in
                    try NumberColumn.write(numbers, to: &section)
                }
            }
            sections.append((SectionNumber.values(ofSlot: slot), section.bytes))
        }
        return sections
    }
}

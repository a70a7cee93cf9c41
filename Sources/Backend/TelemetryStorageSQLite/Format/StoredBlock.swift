// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The traces of a sealed block: enough to say whether and where it has spans of one.
final class StoredTraces: Sendable {
    /// By start.
    let parts: [TracePart]

    init(_ head: BlockHead, _ bytes: [UInt8]) throws(StorageError) {
        let count = head.rowCount
        var input = ByteReader(bytes)
        let highs = try NumberColumn.read(from: &input, countMax: count)
        let lows = try NumberColumn.read(from: &input, countMax: count)
        let sizes = try NumberColumn.read(from: &input, countMax: count)
        let starts = try NumberColumn.read(from: &input, countMax: count)
        guard highs.count == lows.count, highs.count == sizes.count, highs.count == starts.count,
            sizes.allSatisfy({ $0 > 0 && $0 <= UInt64(count) }),
            sizes.reduce(0, { $0 &+ $1 }) == UInt64(count)
        else { throw .damaged("columns do not fit together") }
        var parts: [TracePart] = []
        parts.reserveCapacity(sizes.count)
        var first = 0
        // Differences wrap, so that every 64-bit time survives.
        var start: UInt64 = 0
        for index in sizes.indices {
            start &+= starts[index]
            let rows = first..<first + Int(sizes[index])
            parts.append(
                TracePart(id: TraceID(high: highs[index], low: lows[index]), rows: rows, start: start))
            first = rows.upperBound
        }
        self.parts = parts
    }

    /// False when the section has nothing of the trace: found without taking it apart.
    static func mayHave(_ trace: TraceID, _ head: BlockHead, _ bytes: [UInt8]) throws(StorageError) -> Bool {
        var input = ByteReader(bytes)
        _ = try PackedNumbers(from: &input, of: bytes, countMax: head.rowCount)
        return try PackedNumbers(from: &input, of: bytes, countMax: head.rowCount).firstIndex(of: trace.low)
            != nil
    }

    func part(of id: TraceID) -> TracePart? { parts.first { $0.id == id } }

    var byteCount: Int { parts.count * MemoryLayout<TracePart>.stride }
}

/// Of each row of a sealed block what it shares with others: enough to look for attributes.
final class StoredCodes: Sendable {
    /// Indices into the operations of the head.
    let operations: PackedNumbers
    let statuses: PackedNumbers
    let origins: PackedNumbers
    let shapes: PackedNumbers
    let byteCount: Int

    init(_ head: BlockHead, _ bytes: [UInt8]) throws(StorageError) {
        let count = head.rowCount
        var input = ByteReader(bytes)
        operations = try PackedNumbers(from: &input, of: bytes, countMax: count)
        statuses = try PackedNumbers(from: &input, of: bytes, countMax: count)
        origins = try PackedNumbers(from: &input, of: bytes, countMax: count)
        shapes = try PackedNumbers(from: &input, of: bytes, countMax: count)
        guard [operations, statuses, origins, shapes].allSatisfy({ $0.count == count }),
            operations.areAll(below: head.operations.count), statuses.areAll(below: 3),
            origins.areAll(below: head.origins.origins.count), shapes.areAll(below: head.shapes.count)
        else { throw .damaged("columns do not fit together") }
        byteCount = bytes.count + 300
    }

    func origin(ofRow row: Int) -> UInt32 { UInt32(truncatingIfNeeded: origins[row]) }
}

/// The rows of a sealed block as they lie in their sections. Their values stay in their columns until asked for.
final class StoredBlock: Sendable {
    let head: BlockHead
    let traces: StoredTraces
    /// Above the start of the part.
    private let starts: PackedNumbers
    private let durations: PackedNumbers
    private let spanIDs: PackedNumbers
    /// Zero for none, one for the next of `externals`, else the place within the part plus two.
    private let parents: PackedNumbers
    private let externals: PackedNumbers
    private let codes: StoredCodes
    /// About what the value takes in memory, without ``traces`` and codes.
    let byteCount: Int

    init(
        _ head: BlockHead, _ traces: StoredTraces, _ codes: StoredCodes,
        _ section: (Int) throws(StorageError) -> [UInt8]
    ) throws(StorageError) {
        self.head = head
        self.traces = traces
        self.codes = codes
        let count = head.rowCount
        let times = try section(SectionNumber.times)
        var input = ByteReader(times)
        starts = try PackedNumbers(from: &input, of: times, countMax: count)
        durations = try PackedNumbers(from: &input, of: times, countMax: count)
        let ids = try section(SectionNumber.spanIDs)
        input = ByteReader(ids)
        spanIDs = try PackedNumbers(from: &input, of: ids, countMax: count)
        let parentBytes = try section(SectionNumber.parents)
        input = ByteReader(parentBytes)
        parents = try PackedNumbers(from: &input, of: parentBytes, countMax: count)
        externals = try PackedNumbers(from: &input, of: parentBytes, countMax: count)
        guard [starts, durations, spanIDs, parents].allSatisfy({ $0.count == count }),
            parents.count(of: 1, in: 0..<count) == externals.count
        else { throw .damaged("columns do not fit together") }
        byteCount = times.count + ids.count + parentBytes.count + 400
    }

    var number: Int64 { head.number }

    /// Of each row.
    var shapes: PackedNumbers { codes.shapes }

    func origin(ofRow row: Int) -> UInt32 { codes.origin(ofRow: row) }

    /// The rows of one of its traces.
    func rows(of part: TracePart) throws(StorageError) -> [SpanRow] {
        var rows: [SpanRow] = []
        rows.reserveCapacity(part.rows.count)
        var nextExternal = -1
        for row in part.rows {
            var parent: UInt64 = 0
            switch parents[row] {
            case 0: break
            case 1:
                if nextExternal < 0 { nextExternal = parents.count(of: 1, in: 0..<row) }
                parent = externals[nextExternal]
                nextExternal += 1
            case let position:
                guard position - 2 < UInt64(part.rows.count) else {
                    throw .damaged("a parent outside of its trace")
                }
                parent = spanIDs[part.rows.lowerBound + Int(position - 2)]
            }
            let start = start(ofRow: row, in: part)
            rows.append(
                SpanRow(
                    operation: operation(ofRow: row), origin: origin(ofRow: row), status: status(ofRow: row),
                    start: start, end: start &+ durations[row], spanID: spanIDs[row], parentSpanID: parent,
                    place: row))
        }
        return rows
    }

    func operation(ofRow row: Int) -> UInt32 { head.operations[operationIndex(ofRow: row)] }

    /// Index into the operations of the head.
    func operationIndex(ofRow row: Int) -> Int { Int(codes.operations[row]) }

    func status(ofRow row: Int) -> SpanStatus.Code {
        SpanStatus.Code(rawValue: Int32(truncatingIfNeeded: codes.statuses[row])) ?? .unset
    }

    func start(ofRow row: Int, in part: TracePart) -> UInt64 { part.start &+ starts[row] }

    /// As ``SpanRow/duration`` of a row with that start.
    func duration(ofRow row: Int, start: UInt64) -> UInt64 {
        let end = start &+ durations[row]
        return end > start ? end - start : 0
    }

    /// All rows at once.
    func table() throws(StorageError) -> SpanTable {
        var table = SpanTable()
        table.parts = traces.parts
        table.rows.reserveCapacity(head.rowCount)
        for part in traces.parts { table.rows += try rows(of: part) }
        return table
    }
}

/// The values of one slot of a sealed block: numbers, or numbers of its dictionary.
final class StoredColumn: Sendable {
    private enum Form: Sendable {
        case numbers, codes
        /// Decimals above this power of ten.
        case decimals(Double)
    }

    private let numbers: PackedNumbers
    private let form: Form
    let byteCount: Int

    init(_ bytes: [UInt8], _ column: BlockHead.Column) throws(StorageError) {
        var input = ByteReader(bytes)
        switch column.slot.kind {
        case .string, .bytes, .complex: form = .codes
        case .double: form = try DoubleColumn.scale(from: &input).map { .decimals($0) } ?? .numbers
        case .int, .bool, .none: form = .numbers
        }
        numbers = try PackedNumbers(from: &input, of: bytes, countMax: column.count)
        guard numbers.count == column.count else { throw .damaged("a column is too short") }
        byteCount = bytes.count + 64
    }

    var count: Int { numbers.count }

    /// Whether a column of integers has one in `range`.
    func contains(in range: ClosedRange<Int64>) -> Bool { numbers.contains(in: range) }

    /// Where a value stands, in order.
    func positions(of value: UInt64) -> [Int] {
        var positions: [Int] = []
        func add(_ number: UInt64, from start: Int) {
            var next = numbers.firstIndex(of: number, from: start)
            while let found = next {
                positions.append(found)
                next = numbers.firstIndex(of: number, from: found + 1)
            }
        }
        switch form {
        case .numbers: add(value, from: 0)
        case .decimals:
            let values = values
            positions = values.indices.filter { values[$0] == value }
        case .codes:
            // New once, and named by its number from there on.
            guard let times = Int(exactly: value), let first = numbers.index(of: 0, after: times) else {
                return []
            }
            positions.append(first)
            add(value + 1, from: first + 1)
        }
        return positions
    }

    /// How many new entries of the dictionary there are among the values before one.
    struct NewEntries {
        fileprivate var position = 0
        fileprivate var count = 0
    }

    /// One value. `newEntries` are those of the call before, so that only values in between are counted.
    func value(_ position: Int, _ newEntries: inout NewEntries) -> UInt64 {
        let number = numbers[position]
        switch form {
        case .numbers: return number
        case .decimals(let scale): return DoubleColumn.bits(number, scale)
        case .codes where number > 0: return number - 1
        // The next new entry is the one after all that have come.
        case .codes:
            if position < newEntries.position { newEntries = NewEntries() }
            newEntries.count += numbers.count(of: 0, in: newEntries.position..<position)
            newEntries.position = position
            return UInt64(newEntries.count)
        }
    }

    var values: [UInt64] {
        let values = numbers.values
        switch form {
        case .numbers: return values
        case .decimals(let scale): return values.map { DoubleColumn.bits($0, scale) }
        case .codes: return CodeColumn.codes(values)
        }
    }
}

/// Goes through the values of a sealed block's rows: where in each column those of a row begin.
struct ColumnCursor {
    /// The row at which it stands.
    private(set) var row = 0
    /// By slot the values before that row.
    private(set) var positions: [Int]
    private let block: StoredBlock

    init(_ block: StoredBlock) {
        self.block = block
        positions = Array(repeating: 0, count: block.head.columns.count)
    }

    /// Moves to a row. On to a later one costs a step for each between, back to an earlier one all from the
    /// first on.
    mutating func move(to wanted: Int) {
        if wanted < row {
            row = 0
            positions = Array(repeating: 0, count: positions.count)
        }
        guard wanted > row else { return }
        var counts = [Int](repeating: 0, count: block.head.shapes.count)
        block.shapes.forEach(in: row..<min(wanted, block.shapes.count)) { counts[Int($0)] += 1 }
        for (shape, count) in counts.enumerated() where count > 0 {
            for slot in block.head.shapes[shape] { positions[slot] += count }
        }
        row = wanted
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// What tells whether a block is worth reading for a question. All blocks' infos stay in memory.
struct BlockInfo: Sendable {
    var number: Int64 = 0
    let filter: TraceFilter
    let startMin: UInt64
    let startMax: UInt64
    /// See ``SpanTable/partStartMax``.
    let partStartMax: UInt64
    /// By operation number.
    private(set) var operations: [OperationFigures]
    /// Kept in another table (``StoredTable``); nil when nobody counted them.
    var spanCount: Int?

    init(_ table: SpanTable) {
        var known = NumberSet()
        var figures: [OperationFigures] = []
        for part in table.parts {
            for row in table.rows[part.rows] {
                let own = OperationFigures(row, partStart: part.start)
                let place = known.place(of: row.operation)
                if place == figures.count { figures.append(own) } else { figures[place].add(own) }
            }
        }
        let latest = table.partStartMax
        operations = figures.sorted { $0.operation < $1.operation }.map { $0.rounded(below: latest) }
        startMin = table.rows.reduce(.max) { min($0, $1.start) }
        startMax = table.rows.reduce(0) { max($0, $1.start) }
        partStartMax = latest
        spanCount = table.rows.count
        filter = TraceFilter(table.parts.lazy.map(\.id))
    }

    /// No trace of the block with a span that meets the condition and has one of the operations (nil: any)
    /// begins later; nil when there is none.
    func latestStart(meeting condition: SpanCondition, operations wanted: OperationNumbers?) -> UInt64? {
        guard startMin <= condition.startMax, startMax >= condition.startMin else { return nil }
        if wanted == nil, !condition.asksFigures { return partStartMax }
        var latest: UInt64?
        for figures in operations
        where (wanted?.contains(figures.operation) ?? true) && figures.mayMeet(condition) {
            latest = max(latest ?? 0, figures.partStartMax)
        }
        return latest
    }
}

extension SpanCondition {
    fileprivate var asksFigures: Bool { status != nil || durationMin > 0 || durationMax < .max }
}

extension BlockInfo {
    /// The columns of its row. The checksum behind the filter is of both.
    var row: (info: [UInt8], filter: [UInt8]) {
        let info = bytes
        return (info, Checksummed.sealed(filter.bytes, besides: info))
    }

    /// From the columns of its row.
    init(number: Int64, info: [UInt8], filter row: [UInt8]) throws(StorageError) {
        var filter: [UInt8]? = row
        // Before schema 6 there was no checksum: what is left then are zeros, which no block with a span has.
        if row.count % TraceFilter.bucketBytes == 0 {
            if !row.contains(where: { $0 != 0 }) { filter = nil }
        } else {
            filter = Checksummed.opened(row, besides: info)
        }
        guard let filter = filter.flatMap({ TraceFilter(bytes: $0) }) else {
            throw .damaged("its info or its filter")
        }
        try self.init(number: number, filter: filter, bytes: info)
    }

    /// Everything but number and filter, which are columns of their own.
    var bytes: [UInt8] {
        var out = ByteWriter()
        for word in Self.packedMark { out.fixed64(word) }
        out.fixed64(startMin)
        out.fixed64(startMax)
        out.fixed64(partStartMax)
        out.varint(operations.count)
        var last: UInt32 = 0
        for figures in operations {
            out.varint(figures.operation &- last)
            last = figures.operation
        }
        for figures in operations { out.byte(figures.statuses) }
        for figures in operations {
            out.byte(figures.shortest.code)
            out.byte(figures.longest.code)
        }
        for figures in operations {
            out.varint((partStartMax - figures.partStartMax) / OperationFigures.startUnit)
        }
        return out.bytes
    }

    /// Where blocks before schema 7 have their earliest and their latest start, in an order that those cannot have.
    private static let packedMark: [UInt64] = [1, 0]

    init(number: Int64, filter: TraceFilter, bytes: [UInt8]) throws(StorageError) {
        var input = ByteReader(bytes)
        self.number = number
        self.filter = filter
        let first = try input.fixed64()
        let second = try input.fixed64()
        let isPacked = [first, second] == Self.packedMark
        startMin = isPacked ? try input.fixed64() : first
        startMax = isPacked ? try input.fixed64() : second
        partStartMax = try input.fixed64()
        operations =
            isPacked
            ? try Self.packed(&input, latest: partStartMax) : try Self.unpacked(&input, latest: partStartMax)
    }

    private static func packed(
        _ input: inout ByteReader, latest: UInt64
    ) throws(StorageError) -> [OperationFigures] {
        let count = try input.count()
        var numbers: [UInt32] = []
        var last: UInt32 = 0
        for _ in 0..<count {
            let (number, isTooLarge) = last.addingReportingOverflow(try input.varint32())
            guard !isTooLarge else { throw .damaged("the operations of a block") }
            numbers.append(number)
            last = number
        }
        var statuses: [UInt8] = []
        for _ in 0..<count { statuses.append(try input.byte()) }
        var durations: [(shortest: UInt8, longest: UInt8)] = []
        for _ in 0..<count { durations.append((try input.byte(), try input.byte())) }
        var operations: [OperationFigures] = []
        for index in 0..<count {
            let (before, isTooLarge) = try input.varint().multipliedReportingOverflow(
                by: OperationFigures.startUnit)
            guard !isTooLarge, before <= latest else { throw .damaged("the starts of an operation") }
            operations.append(
                OperationFigures(
                    operation: numbers[index], statuses: statuses[index],
                    shortest: DurationBound(code: durations[index].shortest),
                    longest: DurationBound(code: durations[index].longest), partStartMax: latest - before))
        }
        return operations
    }

    /// As blocks before schema 7 have them: every number as it was.
    private static func unpacked(
        _ input: inout ByteReader, latest: UInt64
    ) throws(StorageError) -> [OperationFigures] {
        var operations: [OperationFigures] = []
        for _ in 0..<(try input.count()) {
            operations.append(
                OperationFigures(
                    operation: try input.varint32(), statuses: try input.byte(),
                    shortest: .below(try input.varint()), longest: .above(try input.varint()),
                    partStartMax: latest))
        }
        // Blocks before schema 4 have no more.
        guard input.remaining > 0 else { return operations }
        for index in operations.indices {
            let before = try input.varint()
            guard before <= latest else { throw .damaged("the starts of an operation") }
            operations[index] = operations[index].starting(at: latest - before).rounded(below: latest)
        }
        return operations
    }
}

extension BlockInfo {
    /// Whether `stored` says the same of the block, or the same but less exactly: the oldest blocks have one latest
    /// start for all operations.
    func agrees(with stored: BlockInfo) -> Bool {
        guard startMin == stored.startMin, startMax == stored.startMax, partStartMax == stored.partStartMax
        else { return false }
        return operations == stored.operations
            || operations.map { $0.starting(at: partStartMax) } == stored.operations
    }
}

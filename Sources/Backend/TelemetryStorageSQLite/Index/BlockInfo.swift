// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// What tells whether a block is worth reading for a question. All blocks' infos stay in memory.
struct BlockInfo: Sendable {
    /// The spans of one operation in the block, in a few figures.
    struct OperationFigures: Sendable {
        var operation: UInt32
        /// Bit `n` is set when there is a span with status code `n`.
        var statuses: UInt8
        var durationMin: UInt64
        var durationMax: UInt64
        /// As ``BlockInfo/partStartMax``, of the traces that have one of the spans.
        var partStartMax: UInt64
    }

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
                let own = OperationFigures(
                    operation: row.operation, statuses: 1 << UInt8(truncatingIfNeeded: row.status.rawValue),
                    durationMin: row.duration, durationMax: row.duration, partStartMax: part.start)
                let place = known.place(of: row.operation)
                if place == figures.count { figures.append(own) } else { figures[place].add(own) }
            }
        }
        operations = figures.sorted { $0.operation < $1.operation }
        startMin = table.rows.reduce(.max) { min($0, $1.start) }
        startMax = table.rows.reduce(0) { max($0, $1.start) }
        partStartMax = table.partStartMax
        spanCount = table.rows.count
        filter = TraceFilter(table.parts.lazy.map(\.id))
    }

    /// No trace of the block with a span that meets the condition and has one of the operations (nil: any)
    /// begins later; nil when there is none.
    func latestStart(meeting condition: SpanCondition, operations wanted: Set<UInt32>?) -> UInt64? {
        guard startMin <= condition.startMax, startMax >= condition.startMin else { return nil }
        if wanted == nil, !condition.asksFigures { return partStartMax }
        var latest: UInt64?
        for figures in operations
        where (wanted?.contains(figures.operation) ?? true) && condition.mayMeet(figures) {
            latest = max(latest ?? 0, figures.partStartMax)
        }
        return latest
    }
}

extension SpanCondition {
    fileprivate var asksFigures: Bool { status != nil || durationMin > 0 || durationMax < .max }

    fileprivate func mayMeet(_ figures: BlockInfo.OperationFigures) -> Bool {
        guard figures.durationMin <= durationMax, figures.durationMax >= durationMin else { return false }
        return status.map { figures.statuses >> UInt8(truncatingIfNeeded: $0.rawValue) & 1 == 1 } ?? true
    }
}

extension BlockInfo.OperationFigures {
    fileprivate mutating func add(_ other: Self) {
        statuses |= other.statuses
        durationMin = min(durationMin, other.durationMin)
        durationMax = max(durationMax, other.durationMax)
        partStartMax = max(partStartMax, other.partStartMax)
    }
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
        out.fixed64(startMin)
        out.fixed64(startMax)
        out.fixed64(partStartMax)
        out.varint(operations.count)
        for figures in operations {
            out.varint(figures.operation)
            out.byte(figures.statuses)
            out.varint(figures.durationMin)
            out.varint(figures.durationMax)
        }
        for figures in operations { out.varint(partStartMax - figures.partStartMax) }
        return out.bytes
    }

    init(number: Int64, filter: TraceFilter, bytes: [UInt8]) throws(StorageError) {
        var input = ByteReader(bytes)
        self.number = number
        self.filter = filter
        startMin = try input.fixed64()
        startMax = try input.fixed64()
        partStartMax = try input.fixed64()
        var operations: [OperationFigures] = []
        for _ in 0..<(try input.count()) {
            operations.append(
                OperationFigures(
                    operation: try input.varint32(), statuses: try input.byte(),
                    durationMin: try input.varint(), durationMax: try input.varint(),
                    partStartMax: partStartMax))
        }
        // Blocks from before have no more.
        if input.remaining > 0 {
            for index in operations.indices {
                let before = try input.varint()
                guard before <= partStartMax else { throw .damaged("the starts of an operation") }
                operations[index].partStartMax -= before
            }
        }
        self.operations = operations
    }
}

extension BlockInfo {
    /// Whether `stored` says the same of the block, or the same but less exactly: blocks from before have one latest
    /// start for all operations.
    func agrees(with stored: BlockInfo) -> Bool {
        if bytes == stored.bytes { return true }
        var general = self
        general.operations = operations.map { figures in
            var figures = figures
            figures.partStartMax = partStartMax
            return figures
        }
        return general.bytes == stored.bytes
    }
}

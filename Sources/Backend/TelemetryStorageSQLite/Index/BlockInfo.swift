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
    }

    var number: Int64 = 0
    let filter: TraceFilter
    let startMin: UInt64
    let startMax: UInt64
    /// See ``SpanTable/partStartMax``.
    let partStartMax: UInt64
    /// By operation number.
    let operations: [OperationFigures]
    /// Of a block that is being made; not kept.
    let spanCount: Int

    init(_ table: SpanTable) {
        var known = NumberSet()
        var figures: [OperationFigures] = []
        for row in table.rows {
            let own = OperationFigures(
                operation: row.operation, statuses: 1 << UInt8(truncatingIfNeeded: row.status.rawValue),
                durationMin: row.duration, durationMax: row.duration)
            let place = known.place(of: row.operation)
            if place == figures.count { figures.append(own) } else { figures[place].add(own) }
        }
        operations = figures.sorted { $0.operation < $1.operation }
        startMin = table.rows.reduce(.max) { min($0, $1.start) }
        startMax = table.rows.reduce(0) { max($0, $1.start) }
        partStartMax = table.partStartMax
        spanCount = table.rows.count
        filter = TraceFilter(table.parts.lazy.map(\.id))
    }

    /// False when no span of the block can meet the condition with one of the operations (nil: any).
    func mayMatch(_ condition: SpanCondition, operations wanted: Set<UInt32>?) -> Bool {
        guard startMin <= condition.startMax, startMax >= condition.startMin else { return false }
        return operations.contains { figures in
            figures.durationMin <= condition.durationMax && figures.durationMax >= condition.durationMin
                && (condition.status.map {
                    figures.statuses >> UInt8(truncatingIfNeeded: $0.rawValue) & 1 == 1
                }
                    ?? true)
                && (wanted?.contains(figures.operation) ?? true)
        }
    }
}

extension BlockInfo.OperationFigures {
    fileprivate mutating func add(_ other: Self) {
        statuses |= other.statuses
        durationMin = min(durationMin, other.durationMin)
        durationMax = max(durationMax, other.durationMax)
    }
}

extension BlockInfo {
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
                    durationMin: try input.varint(), durationMax: try input.varint()))
        }
        self.operations = operations
        spanCount = 0
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Goes over the spans of whole traces, wherever they lie: in the order in which they were stored, each once.
///
/// Here, and nowhere else, is decided which of two spans with one ``SpanKey`` counts: the one that was stored
/// first. Summaries, whole traces and searches all ask here. `BlockEncoder` leaves the later ones out of the
/// blocks that it makes, by the same rule.
struct TraceWalk {
    /// A span where it lies.
    struct Place {
        var row: SpanRow
        /// Nil in the active block.
        var block: StoredBlock?

        /// The same for all spans of one block.
        var sourceNumber: Int64 { block?.number ?? -1 }
    }

    private let active: ActiveBlock
    /// Of the active block.
    let activeTable: SpanTable
    private var activeParts: [TraceID: Int] = [:]
    private let blocks: [BlockInfo]
    var reader: BlockReader
    /// Of the trace asked about last: a search asks several things of one trace.
    private var lastParts: (trace: TraceID, parts: Parts)?

    /// Where a trace lies in sealed blocks, oldest first.
    private struct Parts {
        var found: [(block: StoredBlock, part: TracePart)] = []
        /// A block cannot be read that may have some of it.
        var damage: StorageError?
    }

    /// For all traces, or for `only` one.
    init(view: StoreCore.View, reader: BlockReader, only: TraceID? = nil) {
        active = view.active
        blocks = view.blocks
        self.reader = reader
        if let only, active.trace(only) == nil {
            activeTable = SpanTable()
        } else {
            activeTable = SpanTable(active, count: active.committedCount)
        }
        for (index, part) in activeTable.parts.enumerated() where only == nil || only == part.id {
            activeParts[part.id] = index
        }
    }

    /// Calls `visit` for each span of the trace until it returns false. What is damaged is noted and left
    /// out; throws ``StorageError/damaged(_:)`` only when nothing of the trace can be read.
    mutating func spans(
        of trace: TraceID, visit: (inout TraceWalk, Place) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var seen = SpanKeys()
        let parts = try parts(of: trace)
        for (block, part) in parts.found {
            for index in part.rows where seen.insert(block.table.rows[index].key) {
                guard try visit(&self, Place(row: block.table.rows[index], block: block)) else { return }
            }
        }
        if let index = activeParts[trace] {
            for row in activeTable.rows[activeTable.parts[index].rows] where seen.insert(row.key) {
                guard try visit(&self, Place(row: row, block: nil)) else { return }
            }
        }
        if let damage = parts.damage, seen.isEmpty { throw damage }
    }

    /// Says once that something of the block in which the span lies cannot be read.
    func note(_ damage: String, at place: Place) {
        // The journal was read whole at the start.
        if let block = place.block { reader.note(damage, ofBlock: block.number) }
    }

    /// True when no other block has spans of the trace, nor the active one: within a sealed block each span is
    /// once.
    mutating func isInOneBlock(_ trace: TraceID) throws(StorageError) -> Bool {
        guard activeParts[trace] == nil else { return false }
        return try parts(of: trace).found.count == 1
    }

    private mutating func parts(of trace: TraceID) throws(StorageError) -> Parts {
        if let lastParts, lastParts.trace == trace { return lastParts.parts }
        var parts = Parts()
        for info in blocks where info.filter.mayContain(trace) {
            guard let block = try reader.block(info.number) else {
                if reader.isKept(info.number) {
                    parts.damage = .damaged("block \(info.number) cannot be read")
                }
                continue
            }
            if let part = block.table.part(of: trace) { parts.found.append((block, part)) }
        }
        lastParts = (trace, parts)
        return parts
    }

    /// Earliest start of the trace's spans.
    mutating func start(of trace: TraceID) throws(StorageError) -> UInt64 {
        let inActive = activeParts[trace].map { activeTable.parts[$0].start } ?? .max
        return try parts(of: trace).found.reduce(inActive) { min($0, $1.part.start) }
    }

    func operation(of place: Place) throws(StorageError) -> OperationKey {
        try reader.operation(place.row.operation)
    }

    /// Resource and scope of the span are ``SpanRow/origin`` of these.
    func origins(of place: Place) -> OriginTable { place.block?.head.origins ?? active.origins }

    /// The whole span.
    mutating func span(at place: Place, of trace: TraceID) throws(StorageError) -> SpanData {
        var builder = SpanBuilder(place.row, of: trace, try operation(of: place))
        if let block = place.block {
            try reader.addValues(ofRow: place.row.place, in: block, to: &builder)
        } else {
            try active.addValues(ofRow: place.row.place, to: &builder)
        }
        return builder.span
    }
}

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

    let active: ActiveTraces
    private let blocks: [BlockInfo]
    var reader: BlockReader
    /// Of traces asked about before: a search asks several things of one.
    private var known: [TraceID: Parts] = [:]
    private static let knownMax = 1_024

    /// Where a trace lies in sealed blocks, oldest first.
    private struct Parts {
        var found: [(block: Int64, part: TracePart)] = []
        /// A block cannot be read that may have some of it.
        var damage: StorageError?
    }

    /// For all traces, or for `only` one.
    init(view: StoreCore.View, reader: BlockReader, only: TraceID? = nil) {
        active = ActiveTraces(view.active, only: only)
        blocks = view.blocks
        self.reader = reader
    }

    /// Calls `visit` for each span of the trace until it returns false. What is damaged is noted and left
    /// out; throws ``StorageError/damaged(_:)`` only when nothing of the trace can be read.
    mutating func spans(
        of trace: TraceID, visit: (inout TraceWalk, Place) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var seen = SpanKeys()
        let parts = try parts(of: trace)
        var damage = parts.damage
        for (number, part) in parts.found {
            guard let block = try reader.block(number) else {
                damage = self.damage(ofBlock: number) ?? damage
                continue
            }
            for row in try rows(of: part, in: block) where seen.insert(row.key) {
                guard try visit(&self, Place(row: row, block: block)) else { return }
            }
        }
        if let number = active.number(of: trace) {
            for index in active.rows(of: number) {
                let row = active.active.spanRow(Int(index))
                guard seen.insert(row.key) else { continue }
                guard try visit(&self, Place(row: row, block: nil)) else { return }
            }
        }
        if let damage, seen.isEmpty { throw damage }
    }

    private func rows(of part: TracePart, in block: StoredBlock) throws(StorageError) -> [SpanRow] {
        do throws(StorageError) {
            return try block.rows(of: part)
        } catch {
            guard case .damaged(let what) = error else { throw error }
            reader.note(what, ofBlock: block.number)
            return []
        }
    }

    /// Of a block that cannot be read; nil when it was deleted since the question began.
    private func damage(ofBlock number: Int64) -> StorageError? {
        reader.isKept(number) ? .damaged("block \(number) cannot be read") : nil
    }

    /// Says once that something of the block in which the span lies cannot be read.
    func note(_ damage: String, at place: Place) {
        // The journal was read whole at the start.
        if let block = place.block { reader.note(damage, ofBlock: block.number) }
    }

    /// True when no other block has spans of the trace, nor the active one: within a sealed block each span is
    /// once.
    mutating func isInOneBlock(_ trace: TraceID) throws(StorageError) -> Bool {
        guard active.number(of: trace) == nil else { return false }
        return try parts(of: trace).found.count == 1
    }

    private mutating func parts(of trace: TraceID) throws(StorageError) -> Parts {
        if let parts = known[trace] { return parts }
        var parts = Parts()
        let question = TraceFilter.Question(trace)
        for index in blocks.indices where blocks[index].filter.mayContain(question) {
            let number = blocks[index].number
            switch try reader.part(of: trace, inBlock: number) {
            case .found(let part): parts.found.append((number, part))
            case .absent: break
            case .unreadable: parts.damage = damage(ofBlock: number) ?? parts.damage
            }
        }
        if known.count >= Self.knownMax { known = [:] }
        known[trace] = parts
        return parts
    }

    /// Earliest start of the trace's spans.
    mutating func start(of trace: TraceID) throws(StorageError) -> UInt64 {
        let inActive = active.number(of: trace).map { active.start(of: $0) } ?? .max
        return try parts(of: trace).found.reduce(inActive) { min($0, $1.part.start) }
    }

    func operation(of place: Place) throws(StorageError) -> OperationKey {
        try reader.operation(place.row.operation)
    }

    /// Resource and scope of the span are ``SpanRow/origin`` of these.
    func origins(of place: Place) -> OriginTable { place.block?.head.origins ?? active.active.origins }

    /// The whole span.
    mutating func span(at place: Place, of trace: TraceID) throws(StorageError) -> SpanData {
        var builder = SpanBuilder(place.row, of: trace, try operation(of: place))
        if let block = place.block {
            try reader.addValues(of: place.row, in: block, to: &builder)
        } else {
            try active.active.addValues(ofRow: place.row.place, to: &builder)
        }
        return builder.span
    }
}

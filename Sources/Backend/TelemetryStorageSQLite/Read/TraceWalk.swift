// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Goes over the spans of whole traces, wherever they lie: in the order in which they were stored, each once.
///
/// Here, and nowhere else, is decided which of two spans with one ``SpanKey`` counts: the one that was stored
/// first. Summaries, whole traces and searches all ask here. `BlockBuilder` leaves the later ones out of the
/// blocks that it makes, by the same rule.
struct TraceWalk {
    /// A span where it lies.
    struct Place {
        var row: SpanRow
        fileprivate var source: Source

        /// The same for all spans of one block or segment.
        var sourceNumber: Int64 {
            switch source {
            case .block(let block, _): block.number
            case .segment(let number, _): -1 - Int64(number)
            }
        }

        /// Its resource and scope are ``SpanRow/origin`` of these.
        var origins: OriginTable {
            switch source {
            case .block(let block, _): block.origins
            case .segment(_, let active): active.segment.origins
            }
        }
    }

    fileprivate enum Source {
        case block(StoredBlock, row: Int)
        case segment(Int, ActiveSegment)
    }

    /// What the journal has of a trace.
    struct Active {
        /// Earliest start.
        var start: UInt64
        /// Segment and part, in the order of the segments. Most traces have one: no array for them.
        var first: (segment: Int, part: Int)
        var more: [(segment: Int, part: Int)] = []
    }

    let segments: [ActiveSegment]
    var reader: BlockReader
    /// By trace.
    let active: [TraceID: Active]
    /// Of the trace asked about last: a search asks several things of one trace.
    private var lastParts: (trace: TraceID, parts: [(block: Int64, start: UInt64)])?

    /// For all traces, or for `only` one.
    init(segments: [ActiveSegment], reader: BlockReader, only: TraceID? = nil) {
        self.segments = segments
        self.reader = reader
        var active: [TraceID: Active] = [:]
        for (number, segment) in segments.enumerated() {
            for (index, part) in segment.segment.table.parts.enumerated()
            where only == nil || only == part.id {
                active[part.id].add(start: part.start, segment: number, part: index)
            }
        }
        self.active = active
    }

    /// Calls `visit` for each span of the trace until it returns false. What is damaged is noted and left
    /// out; throws ``StorageError/damaged(_:)`` only when nothing of the trace can be read.
    mutating func spans(
        of trace: TraceID, visit: (inout TraceWalk, Place) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var seen = SpanKeys()
        var damage: StorageError?
        for stored in try parts(of: trace) {
            guard let block = try reader.block(stored.block) else {
                damage = .damaged("block \(stored.block) cannot be read")
                continue
            }
            guard let part = block.table.part(of: trace) else { continue }
            for index in part.rows where seen.insert(block.table.rows[index].key) {
                let place = Place(row: block.table.rows[index], source: .block(block, row: index))
                guard try visit(&self, place) else { return }
            }
        }
        for (number, index) in active[trace]?.parts ?? [] {
            let (active, segment) = (segments[number], segments[number].segment)
            for row in segment.table.rows[segment.table.parts[index].rows] where seen.insert(row.key) {
                let place = Place(row: row, source: .segment(number, active))
                guard try visit(&self, place) else { return }
            }
        }
        if let damage, seen.isEmpty { throw damage }
    }

    /// Says once that something of the block or segment in which the span lies cannot be read.
    func note(_ damage: String, at place: Place) {
        // The journal was read whole at the start.
        if case .block(let block, _) = place.source { reader.note(damage, ofBlock: block.number) }
    }

    /// True when no other block and no segment has spans of the trace: within a block each span is once.
    mutating func isInOneBlock(_ trace: TraceID) throws(StorageError) -> Bool {
        guard active[trace] == nil else { return false }
        return try parts(of: trace).count == 1
    }

    private mutating func parts(of trace: TraceID) throws(StorageError) -> [(block: Int64, start: UInt64)] {
        if let lastParts, lastParts.trace == trace { return lastParts.parts }
        let parts = try reader.parts(of: trace)
        lastParts = (trace, parts)
        return parts
    }

    /// Earliest start of the trace's spans.
    mutating func start(of trace: TraceID) throws(StorageError) -> UInt64 {
        try parts(of: trace).reduce(active[trace]?.start ?? .max) { min($0, $1.start) }
    }

    func operation(of place: Place) throws(StorageError) -> OperationKey {
        switch place.source {
        case .block: try reader.operation(place.row.operation)
        case .segment(_, let active): active.segment.operations[Int(place.row.operation)]
        }
    }

    /// The store's number of the operation.
    func operationNumber(of place: Place) -> UInt32 {
        switch place.source {
        case .block: place.row.operation
        case .segment(_, let active): active.operationNumbers[Int(place.row.operation)]
        }
    }

    /// A reader that stands at the record.
    mutating func record(of place: Place) throws(StorageError) -> ByteReader {
        switch place.source {
        case .block(let block, let row): try reader.record(ofRow: row, in: block)
        case .segment(_, let active): active.segment.record(of: place.row)
        }
    }
}

extension TraceWalk.Active {
    fileprivate var parts: [(segment: Int, part: Int)] { [first] + more }
}

extension TraceWalk.Active? {
    fileprivate mutating func add(start: UInt64, segment: Int, part: Int) {
        guard let known = self?.start else {
            self = TraceWalk.Active(start: start, first: (segment, part))
            return
        }
        self?.start = min(known, start)
        self?.more.append((segment, part))
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// A block that is ready to be written.
struct NewBlock: Sendable {
    var info: BlockInfo
    var table: SpanTable
    var rowBytes: [UInt8]
    var frames: [[UInt8]]
    var filter: [UInt8]
}

/// Puts segments together as blocks: rows by trace, traces by start, each span once. Pure.
struct BlockBuilder {
    /// A block takes further traces up to this many spans. More per block compress no better in frames of
    /// ``Frame/bytesMax``, and make a question that reads one block dearer.
    static let spansPerBlock = 8_192
    /// Spans of many or long attributes make a block before that: this many bytes (``Segment/byteCount``)
    /// bound the memory that the journal's spans take.
    static let bytesPerBlock = 16 << 20

    private let segments: [ActiveSegment]
    private var blocks: [NewBlock] = []

    private var table = SpanTable()
    private var origins = OriginTable()
    /// By segment and its own origin number: the number in this block.
    private var originNumbers: [[UInt32?]] = []
    /// The same of the resources.
    private var resourceNumbers: [[UInt32?]] = []
    private var records: [UInt8] = []
    private var recordOffset = 0
    private var frames: [[UInt8]] = []
    private var frameRows: [Int] = []

    /// The blocks for all spans of the segments.
    static func blocks(of segments: [ActiveSegment]) -> [NewBlock] {
        var builder = BlockBuilder(segments)
        builder.addAll()
        return builder.blocks
    }

    private init(_ segments: [ActiveSegment]) {
        self.segments = segments
        forgetNumbers()
    }

    private struct Trace {
        var id: TraceID
        var start: UInt64
        var pieces: [(segment: Int, rows: Range<Int>)]
    }

    private mutating func addAll() {
        let spanCount = segments.reduce(0) { $0 + $1.segment.spanCount }
        let blockCount = max(1, spanCount / Self.spansPerBlock)
        // Even shares, so that no tiny block is left at the end.
        let share = (spanCount + blockCount - 1) / blockCount
        for trace in traces() { add(trace, share: share) }
        finishBlock()
        // Several blocks at once only come from one great request: they share a filter.
        let filter = TokenFilter(tokens: tokens()).bytes
        for index in blocks.indices { blocks[index].filter = filter }
    }

    private func traces() -> [Trace] {
        var places: [TraceID: Int] = [:]
        var traces: [Trace] = []
        for (number, active) in segments.enumerated() {
            for part in active.segment.table.parts {
                if let place = places[part.id] {
                    traces[place].pieces.append((number, part.rows))
                    traces[place].start = min(traces[place].start, part.start)
                } else {
                    places[part.id] = traces.count
                    traces.append(Trace(id: part.id, start: part.start, pieces: [(number, part.rows)]))
                }
            }
        }
        return traces.sorted { ($0.start, $0.id) < ($1.start, $1.id) }
    }

    private func tokens() -> some Sequence<UInt64> {
        segments.lazy.flatMap { active in
            active.segment.tokens
                + active.segment.origins.resources.flatMap { resource in
                    resource.attributes.compactMap {
                        AttributeToken.token(key: $0.key, value: $0.value)
                    }
                }
        }
    }

    private mutating func add(_ trace: Trace, share: Int) {
        if table.rows.count >= share || byteCount >= Self.bytesPerBlock { finishBlock() }
        var first = table.rows.count
        var seen = SpanKeys()
        for piece in trace.pieces {
            for row in segments[piece.segment].segment.table.rows[piece.rows] where seen.insert(row.key) {
                // A trace alone greater than a block is cut.
                if table.rows.count >= 2 * share || byteCount >= 2 * Self.bytesPerBlock {
                    closePart(trace.id, first: first)
                    finishBlock()
                    first = 0
                }
                add(row, of: piece.segment)
            }
        }
        closePart(trace.id, first: first)
    }

    /// Bytes of the block so far.
    private var byteCount: Int { recordOffset + origins.byteCount }

    private mutating func closePart(_ id: TraceID, first: Int) {
        guard first < table.rows.count else { return }
        let start = table.rows[first...].reduce(UInt64.max) { min($0, $1.start) }
        table.parts.append(TracePart(id: id, rows: first..<table.rows.count, start: start))
    }

    private mutating func add(_ row: SpanRow, of number: Int) {
        let active = segments[number]
        if frameRows.isEmpty || records.count >= Frame.bytesMax {
            finishFrame()
            frameRows.append(table.rows.count)
        }
        var own = row
        own.operation = active.operationNumbers[Int(row.operation)]
        own.origin = originNumber(Int(row.origin), of: number)
        own.recordOffset = recordOffset
        recordOffset += row.recordLength
        records += active.segment.records[row.recordOffset..<row.recordOffset + row.recordLength]
        table.rows.append(own)
    }

    private mutating func originNumber(_ own: Int, of segment: Int) -> UInt32 {
        if let number = originNumbers[segment][own] { return number }
        let known = segments[segment].segment.origins
        var origin = known.origins[own]
        let ownResource = Int(origin.resource)
        let resource =
            resourceNumbers[segment][ownResource] ?? origins.add(known.resources[ownResource])
        resourceNumbers[segment][ownResource] = resource
        origin.resource = resource
        let number = origins.add(origin)
        originNumbers[segment][own] = number
        return number
    }

    private mutating func forgetNumbers() {
        originNumbers = segments.map {
            Array(repeating: nil, count: $0.segment.origins.origins.count)
        }
        resourceNumbers = segments.map {
            Array(repeating: nil, count: $0.segment.origins.resources.count)
        }
    }

    private mutating func finishFrame() {
        guard !records.isEmpty else { return }
        frames.append(Frame.pack(records))
        records.removeAll(keepingCapacity: true)
    }

    private mutating func finishBlock() {
        guard !table.rows.isEmpty else { return }
        finishFrame()
        blocks.append(
            NewBlock(
                info: BlockInfo(table), table: table,
                rowBytes: StoredBlock.bytes(table: table, origins: origins, frameRows: frameRows),
                frames: frames, filter: []))
        table = SpanTable()
        origins = OriginTable()
        forgetNumbers()
        recordOffset = 0
        frames = []
        frameRows = []
    }
}

/// The spans of one trace that have been seen. Few are searched one by one, which is cheaper than a set.
struct SpanKeys {
    private static let linearMax = 32

    private var few: [SpanKey] = []
    private var many: Set<SpanKey> = []

    var isEmpty: Bool { few.isEmpty && many.isEmpty }

    /// False when the key was there.
    mutating func insert(_ key: SpanKey) -> Bool {
        if !many.isEmpty { return many.insert(key).inserted }
        if few.contains(key) { return false }
        few.append(key)
        if few.count > Self.linearMax { many = Set(few) }
        return true
    }
}

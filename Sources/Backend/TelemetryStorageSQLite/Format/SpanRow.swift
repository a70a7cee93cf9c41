// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// What questions ask of one span, at hand without touching its other values.
struct SpanRow: Hashable, Sendable {
    /// The store's number of the operation.
    var operation: UInt32
    /// Index into the origins of the block.
    var origin: UInt32
    var status: SpanStatus.Code
    var start: UInt64
    var end: UInt64
    var spanID: UInt64
    /// Zero for none.
    var parentSpanID: UInt64
    /// Where the block has it: in a sealed block the row's own index.
    var place: Int

    /// As ``SpanData/durationNano``.
    var duration: UInt64 { end > start ? end - start : 0 }

    var key: SpanKey { SpanKey(spanID: spanID, start: start) }
}

/// What makes a span of a trace the same span when it arrives again.
struct SpanKey: Hashable, Sendable {
    var spanID: UInt64
    var start: UInt64
}

/// The spans of one trace within a block: consecutive rows.
struct TracePart: Hashable, Sendable {
    var id: TraceID
    var rows: Range<Int>
    /// Earliest start of the rows.
    var start: UInt64
}

/// Rows in parts by trace.
struct SpanTable: Sendable {
    var parts: [TracePart] = []
    var rows: [SpanRow] = []

    func part(of id: TraceID) -> TracePart? { parts.first { $0.id == id } }

    /// The latest of the parts' starts: no trace that begins later has a span in here. Zero without parts.
    var partStartMax: UInt64 { parts.reduce(0) { Swift.max($0, $1.start) } }
}

extension SpanTable {
    /// The first `count` rows of an active block by trace: traces as they first came, rows of one as they came.
    init(_ active: ActiveBlock, count: Int) {
        var sizes = [Int](repeating: 0, count: active.traces.count)
        var starts = [UInt64](repeating: .max, count: active.traces.count)
        for row in active.rows[..<count] {
            sizes[Int(row.trace)] += 1
            starts[Int(row.trace)] = Swift.min(starts[Int(row.trace)], row.start)
        }
        var next = [Int](repeating: 0, count: sizes.count)
        var first = 0
        for (trace, size) in sizes.enumerated() where size > 0 {
            next[trace] = first
            parts.append(
                TracePart(id: active.traces[trace].id, rows: first..<first + size, start: starts[trace]))
            first += size
        }
        var order = [Int](repeating: 0, count: count)
        for index in 0..<count {
            let trace = Int(active.rows[index].trace)
            order[next[trace]] = index
            next[trace] += 1
        }
        rows.reserveCapacity(count)
        for index in order {
            let row = active.rows[index]
            rows.append(
                SpanRow(
                    operation: active.operationNumbers[Int(row.operation)], origin: row.origin,
                    status: SpanStatus.Code(rawValue: Int32(row.status)) ?? .unset, start: row.start,
                    end: row.end, spanID: row.spanID, parentSpanID: row.parentSpanID, place: index))
        }
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

    mutating func removeAll() {
        few.removeAll(keepingCapacity: true)
        many.removeAll(keepingCapacity: true)
    }
}

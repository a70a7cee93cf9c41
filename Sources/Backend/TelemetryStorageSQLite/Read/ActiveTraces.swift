// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The committed rows of the active block by trace. They stay where they are: only their numbers are put in order.
struct ActiveTraces {
    let active: ActiveBlock
    /// By trace the earliest start of its rows; of those without any the greatest number there is.
    private var starts: [UInt64]
    /// By trace where in `order` its rows end; they begin where those of the trace before end.
    private var ends: [UInt32]
    /// Rows of one trace as they came.
    private var order: [UInt32]

    /// With all traces, or with `only` one.
    init(_ active: ActiveBlock, only: TraceID? = nil) {
        self.active = active
        let wanted = only.map { active.trace($0) ?? -1 }
        guard wanted != -1 else {
            (starts, ends, order) = ([], [], [])
            return
        }
        var starts = [UInt64](repeating: .max, count: active.traces.count)
        var ends = [UInt32](repeating: 0, count: active.traces.count)
        var count = 0
        active.forEachCommitted { _, row in
            let trace = Int(row.trace)
            guard wanted == nil || wanted == trace else { return }
            starts[trace] = min(starts[trace], row.start)
            ends[trace] += 1
            count += 1
        }
        var first: UInt32 = 0
        for trace in ends.indices {
            let size = ends[trace]
            ends[trace] = first
            first += size
        }
        var order = [UInt32](repeating: 0, count: count)
        active.forEachCommitted { index, row in
            let trace = Int(row.trace)
            guard wanted == nil || wanted == trace else { return }
            order[Int(ends[trace])] = UInt32(truncatingIfNeeded: index)
            ends[trace] += 1
        }
        (self.starts, self.ends, self.order) = (starts, ends, order)
    }

    /// Numbers of traces, some without rows.
    var traces: Range<Int> { starts.indices }

    func id(of trace: Int) -> TraceID { active.traces[trace].id }

    /// Nil for a trace without rows.
    func number(of id: TraceID) -> Int? {
        guard !starts.isEmpty, let trace = active.trace(id), !rows(of: trace).isEmpty else { return nil }
        return trace
    }

    /// Earliest start of its rows.
    func start(of trace: Int) -> UInt64 { starts[trace] }

    /// Indices into ``ActiveBlock/rows``.
    func rows(of trace: Int) -> ArraySlice<UInt32> {
        order[(trace == 0 ? 0 : Int(ends[trace - 1]))..<Int(ends[trace])]
    }
}

extension ActiveBlock {
    fileprivate func forEachCommitted(_ body: (Int, Row) -> Void) {
        for index in 0..<committedCount { body(index, rows[index]) }
    }

    /// What questions ask of a committed row.
    func spanRow(_ index: Int) -> SpanRow {
        let row = rows[index]
        return SpanRow(
            operation: operationNumbers[Int(row.operation)], origin: row.origin,
            status: SpanStatus.Code(rawValue: Int32(row.status)) ?? .unset, start: row.start, end: row.end,
            spanID: row.spanID, parentSpanID: row.parentSpanID, place: index)
    }
}

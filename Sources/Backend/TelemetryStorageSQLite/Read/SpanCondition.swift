// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The part of a query that a row answers, without its operation.
struct SpanCondition: Sendable {
    let startMin: UInt64
    let startMax: UInt64
    let durationMin: UInt64
    let durationMax: UInt64
    let status: SpanStatus.Code?

    init(_ query: TraceQuery) {
        startMin = query.startTimeMin ?? 0
        startMax = query.startTimeMax ?? .max
        durationMin = query.durationMin ?? 0
        durationMax = query.durationMax ?? .max
        status = query.status
    }

    func matches(_ row: SpanRow) -> Bool {
        row.start >= startMin && row.start <= startMax && row.duration >= durationMin
            && row.duration <= durationMax && (status == nil || row.status == status)
    }
}

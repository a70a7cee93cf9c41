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
    /// Whether any start or duration is ruled out.
    private let hasTimes: Bool

    init(_ query: TraceQuery) {
        startMin = query.startTimeMin ?? 0
        startMax = query.startTimeMax ?? .max
        durationMin = query.durationMin ?? 0
        durationMax = query.durationMax ?? .max
        status = query.status
        hasTimes = startMin > 0 || startMax < .max || durationMin > 0 || durationMax < .max
    }

    func matches(_ row: SpanRow) -> Bool {
        row.start >= startMin && row.start <= startMax && row.duration >= durationMin
            && row.duration <= durationMax && (status == nil || row.status == status)
    }

    /// The same for a row that stays where it lies: only what is asked for is looked at.
    func matches(_ row: Int, of part: TracePart, in block: StoredBlock) -> Bool {
        if let status, block.status(ofRow: row) != status { return false }
        guard hasTimes else { return true }
        let start = block.start(ofRow: row, in: part)
        guard start >= startMin, start <= startMax else { return false }
        let duration = block.duration(ofRow: row, start: start)
        return duration >= durationMin && duration <= durationMax
    }
}

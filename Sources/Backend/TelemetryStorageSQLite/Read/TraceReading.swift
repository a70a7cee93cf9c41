// SPDX-License-Identifier: Apache-2.0

import GRDB
import TelemetryModel
import TelemetryStorage

/// Puts whole traces together from wherever their spans lie.
struct TraceReading {
    let core: StoreCore
    let database: Database

    func trace(_ id: TraceID) throws(StorageError) -> [ResourceSpans]? {
        let segments = core.withState { $0.segments }
        var assembly = TraceAssembly(id)
        for active in segments {
            let segment = active.segment
            guard let group = segment.table.group(of: id) else { continue }
            for row in segment.table.rows[group.rows] {
                var input = ByteReader(
                    segment.records, from: row.recordOffset, to: row.recordOffset + row.recordLength)
                try assembly.add(
                    row, operation: segment.operations[Int(row.operation)],
                    envelope: segment.envelopes[Int(row.envelope)], record: &input)
            }
        }
        return assembly.result
    }
}

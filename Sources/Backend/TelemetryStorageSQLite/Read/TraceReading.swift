// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Puts whole traces together from wherever their spans lie.
struct TraceReading {
    let segments: [ActiveSegment]
    var reader: BlockReader

    mutating func trace(_ id: TraceID) throws(StorageError) -> [ResourceSpans]? {
        var assembly = TraceAssembly(id)
        for part in try reader.parts(of: id) {
            let block = try reader.block(part.block)
            guard let group = block.table.group(of: id) else { continue }
            assembly.begin(block.envelopes)
            for index in group.rows {
                let row = block.table.rows[index]
                var input = try reader.record(ofRow: index, in: block)
                try assembly.add(row, operation: try reader.operation(row.operation), record: &input)
            }
        }
        for active in segments {
            let segment = active.segment
            guard let group = segment.table.group(of: id) else { continue }
            assembly.begin(segment.envelopes)
            for row in segment.table.rows[group.rows] {
                var input = segment.record(of: row)
                try assembly.add(
                    row, operation: segment.operations[Int(row.operation)], record: &input)
            }
        }
        return assembly.result
    }
}

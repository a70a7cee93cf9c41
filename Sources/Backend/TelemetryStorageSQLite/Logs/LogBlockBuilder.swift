// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// A block of logs that is ready to be written.
struct NewLogBlock {
    var info: LogBlockInfo
    var rows: [UInt8]
    var traces: [UInt8]
    var attributes: [UInt8]
    var trigrams: [UInt8]
    var frames: [[UInt8]]
}

/// Makes blocks from the journal.
enum LogBlockBuilder {
    /// Records in one block; also how many wait in the journal.
    static let recordsPerBlock = 8_192
    /// Bytes of records at which a block ends early.
    static let bytesPerBlock = 8 << 20

    private struct Entry {
        var row: LogRow
        var segment: Int
    }

    /// `segments` follow each other without a gap, from `segments[0].first` on.
    static func blocks(of segments: [ActiveLogs], firstNumber: Int64) -> [NewLogBlock] {
        guard var first = segments.first?.first else { return [] }
        var blocks: [NewLogBlock] = []
        var entries: [Entry] = []
        var bytes = 0
        func end() {
            blocks.append(
                block(of: entries, in: segments, number: firstNumber + Int64(blocks.count), first: first))
            first += Int64(entries.count)
            entries = []
            bytes = 0
        }
        for (index, active) in segments.enumerated() {
            // By arrival, so that a block's numbers have no gap.
            for row in active.segment.table.rows.sorted(by: { $0.arrival < $1.arrival }) {
                entries.append(Entry(row: row, segment: index))
                bytes += row.recordLength
                if entries.count >= recordsPerBlock || bytes >= bytesPerBlock { end() }
            }
        }
        if !entries.isEmpty { end() }
        return blocks
    }

    private static func block(
        of entries: [Entry], in segments: [ActiveLogs], number: Int64, first: Int64
    ) -> NewLogBlock {
        var origins: [LogOrigin] = []
        var numberOfOrigin: [[UInt8]: UInt32] = [:]
        // By segment and its own number of an origin.
        var known: [UInt64: UInt32] = [:]
        var rows: [LogRow] = []
        rows.reserveCapacity(entries.count)
        for (index, entry) in entries.enumerated() {
            let key = UInt64(entry.segment) << 32 | UInt64(entry.row.origin)
            var row = entry.row
            if let origin = known[key] {
                row.origin = origin
            } else {
                let origin = segments[entry.segment].segment.table.origins[Int(row.origin)]
                let number = numberOfOrigin[origin.bytes] ?? UInt32(truncatingIfNeeded: origins.count)
                if number == origins.count { origins.append(origin) }
                numberOfOrigin[origin.bytes] = number
                known[key] = number
                row.origin = number
            }
            row.arrival = UInt32(truncatingIfNeeded: index)
            rows.append(row)
        }
        let table = LogTable(origins: origins, rows: rows)
        let parts = Set(entries.map(\.segment)).map { segments[$0].segment }
        var out = ByteWriter()
        let (frames, frameRows) = frames(of: table, entries, segments)
        out.varint(frameRows.count)
        for row in frameRows { out.varint(row) }
        table.write(to: &out)
        return NewLogBlock(
            info: LogBlockInfo(number: number, first: first, table: table), rows: LogFrame.pack(out.bytes),
            traces: LogFilter(tokens: Set(table.rows.map(\.trace)).map { LogToken.token(of: $0) }).stored,
            attributes: LogFilter(
                tokens: parts.flatMap(\.attributeTokens) + origins.flatMap(\.attributeTokens)
            ).stored, trigrams: Trigrams.filter(of: parts.map(\.trigrams)), frames: frames)
    }

    /// The records in the order of the rows, and the first row of each frame.
    private static func frames(
        of table: LogTable, _ entries: [Entry], _ segments: [ActiveLogs]
    ) -> (frames: [[UInt8]], firstRows: [Int]) {
        var frames: [[UInt8]] = []
        var firstRows: [Int] = []
        var records: [UInt8] = []
        records.reserveCapacity(LogFrame.bytesMax)
        for (index, row) in table.rows.enumerated() {
            if !records.isEmpty, records.count + row.recordLength > LogFrame.bytesMax {
                frames.append(LogFrame.pack(records))
                records.removeAll(keepingCapacity: true)
            }
            if firstRows.count == frames.count { firstRows.append(index) }
            let entry = entries[Int(row.arrival)]
            records += segments[entry.segment].segment.record(of: entry.row)
        }
        if !firstRows.isEmpty { frames.append(LogFrame.pack(records)) }
        return (frames, firstRows)
    }
}

extension LogOrigin {
    var attributeTokens: [UInt64] {
        resource.attributes.compactMap { LogToken.token(key: $0.key, value: $0.value) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// Finds the latest records that meet a query, over the journal and the blocks.
struct LogSearch {
    fileprivate struct Hit {
        var order: LogOrder
        /// Zero for the journal.
        var block: Int64
        var row: LogRow
        var origin: LogOrigin
        var bytes: [UInt8]
    }

    private let test: LogTest
    private let view: LogCore.View
    private var reader: LogBlockReader
    /// Latest first.
    private var hits: [Hit] = []
    /// One more than is wanted, to see whether there is a next page.
    private let hitsMax: Int
    /// Of the records of ``hits``.
    private var hitsBytes = 0
    /// Bytes of records that one answer has at most, and one record: what is earlier is left out.
    private static let hitsBytesMax = 64 << 20

    /// True when what is earlier than the last hit is not wanted.
    private var isFull: Bool { hits.count >= hitsMax || hitsBytes >= Self.hitsBytesMax }

    init(_ test: LogTest, hitsMax: Int, view: LogCore.View, reader: LogBlockReader) {
        self.test = test
        self.hitsMax = hitsMax
        self.view = view
        self.reader = reader
    }

    static func page(
        of query: LogQuery, view: LogCore.View, reader: LogBlockReader
    ) throws(StorageError) -> LogPage {
        let limit = min(query.limit, LogQuery.limitMax)
        guard limit > 0 else { return LogPage(logs: [], next: nil) }
        var search = LogSearch(try LogTest(query), hitsMax: limit + 1, view: view, reader: reader)
        try search.run()
        var logs: [StoredLog] = []
        let shown = search.hits.prefix(limit)
        for hit in shown {
            if let log = try reader.unlessDamaged(
                hit.block, { () throws(StorageError) in try hit.log() })
            {
                logs.append(log)
            }
        }
        // Also a page that is full by its bytes.
        let next = search.isFull ? shown.last?.order.cursor : nil
        return LogPage(logs: logs, next: next)
    }

    /// The latest records of one trace, by origin, earliest first.
    static func trace(
        _ id: TraceID, limit: Int, view: LogCore.View, reader: LogBlockReader
    ) throws(StorageError) -> TraceLogExcerpt {
        var search = LogSearch(
            try LogTest(LogQuery(traceID: id)), hitsMax: limit + 1, view: view, reader: reader)
        try search.run()
        var logs: [ResourceLogs] = []
        var numberOfOrigin: [[UInt8]: Int] = [:]
        for hit in search.hits.prefix(limit).reversed() {
            guard
                let record = try reader.unlessDamaged(
                    hit.block, { () throws(StorageError) in try hit.log().record })
            else { continue }
            let number = numberOfOrigin[hit.origin.bytes] ?? logs.count
            if number == logs.count {
                numberOfOrigin[hit.origin.bytes] = number
                logs.append(
                    ResourceLogs(
                        resource: hit.origin.resource,
                        scopeLogs: [ScopeLogs(scope: hit.origin.scope, logRecords: [])]))
            }
            logs[number].scopeLogs[0].logRecords.append(record)
        }
        return TraceLogExcerpt(resourceLogs: logs, isComplete: !search.isFull)
    }

    private mutating func run() throws(StorageError) {
        // Latest first, so that what comes later need only be put behind what is there.
        for active in view.segments.sorted(by: { $0.segment.table.timeMax > $1.segment.table.timeMax }) {
            if isFull, let last = hits.last, active.segment.table.timeMax < last.order.time { break }
            let table = active.segment.table
            guard test.mayMatch(timeMin: table.timeMin, timeMax: table.timeMax) else { continue }
            try collect(from: table, first: active.first, block: 0) { (row, _) throws(StorageError) in
                Array(active.segment.record(of: table.rows[row]))
            }
        }
        for info in view.blocks.filter(test.mayMatch).sorted(by: { $0.timeMax > $1.timeMax }) {
            // What comes now is earlier than all that is wanted.
            if isFull, let last = hits.last, info.timeMax < last.order.time { return }
            guard try test.mayMatch(info, reader), let block = try reader.block(info) else { continue }
            try collect(from: block.table, first: info.first, block: info.number) {
                (row, reader) throws(StorageError) in
                try reader.record(ofRow: row, in: block)
            }
        }
    }

    /// `record` gives the bytes of a row's record; nil when they are damaged.
    private mutating func collect(
        from table: LogTable, first: Int64, block: Int64,
        record: (Int, inout LogBlockReader) throws(StorageError) -> [UInt8]?
    ) throws(StorageError) {
        let openConditions = test.openConditions(of: table.origins)
        var found: [Hit] = []
        var foundBytes = 0
        for index in table.rows.indices.reversed() {
            let row = table.rows[index]
            if found.count >= hitsMax || foundBytes >= Self.hitsBytesMax { break }
            if isFull, let last = hits.last, row.effectiveTime < last.order.time { break }
            let number = first + Int64(row.arrival)
            guard test.matches(row, number: number), let open = openConditions[Int(row.origin)],
                let bytes = try record(index, &reader)
            else { continue }
            if test.asksRecord(open: open) {
                let matches = try reader.unlessDamaged(block) { () throws(StorageError) in
                    try test.matches(row, record: bytes, open: open)
                }
                guard matches == true else { continue }
            }
            foundBytes += bytes.count
            found.append(
                Hit(
                    order: LogOrder(time: row.effectiveTime, number: number), block: block, row: row,
                    origin: table.origins[Int(row.origin)], bytes: bytes))
        }
        take(found)
    }

    /// `found` is latest first, too.
    private mutating func take(_ found: [Hit]) {
        guard let first = found.first else { return }
        if let last = hits.last, last.order < first.order {
            let before = hits
            hits = []
            hits.reserveCapacity(before.count + found.count)
            var rest = before[...]
            for hit in found {
                while let next = rest.first, next.order > hit.order { hits.append(rest.removeFirst()) }
                hits.append(hit)
            }
            hits += rest
            hitsBytes = 0
            cut(from: 0)
        } else {
            let count = hits.count
            hits += found
            cut(from: count)
        }
    }

    /// Leaves out what is beyond the limits. ``hitsBytes`` are those of the hits before `first`.
    private mutating func cut(from first: Int) {
        for index in hits.indices.dropFirst(first) {
            guard index < hitsMax, hitsBytes < Self.hitsBytesMax else {
                return hits.removeSubrange(index...)
            }
            hitsBytes += hits[index].bytes.count
        }
    }
}

extension LogSearch.Hit {
    fileprivate func log() throws(StorageError) -> StoredLog {
        StoredLog(
            resource: origin.resource, scope: origin.scope, record: try row.record(from: bytes))
    }
}

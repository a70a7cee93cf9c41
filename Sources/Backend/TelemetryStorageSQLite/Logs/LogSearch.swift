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
        for hit in search.hits.prefix(limit) {
            if let log = try reader.unlessDamaged(
                hit.block, { () throws(StorageError) in try hit.log() })
            {
                logs.append(log)
            }
        }
        let next = search.hits.count > limit ? search.hits[limit - 1].order.cursor : nil
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
        return TraceLogExcerpt(resourceLogs: logs, isComplete: search.hits.count <= limit)
    }

    private mutating func run() throws(StorageError) {
        for active in view.segments {
            let table = active.segment.table
            guard test.mayMatch(timeMin: table.timeMin, timeMax: table.timeMax) else { continue }
            try collect(from: table, first: active.first, block: 0) { (row, _) throws(StorageError) in
                Array(active.segment.record(of: table.rows[row]))
            }
        }
        for info in view.blocks.filter(test.mayMatch).sorted(by: { $0.timeMax > $1.timeMax }) {
            // What comes now is earlier than all that is wanted.
            if hits.count >= hitsMax, let last = hits.last, info.timeMax < last.order.time { return }
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
        for index in table.rows.indices.reversed() {
            let row = table.rows[index]
            if found.count >= hitsMax { break }
            if hits.count >= hitsMax, let last = hits.last, row.effectiveTime < last.order.time { break }
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
            found.append(
                Hit(
                    order: LogOrder(time: row.effectiveTime, number: number), block: block, row: row,
                    origin: table.origins[Int(row.origin)], bytes: bytes))
        }
        guard !found.isEmpty else { return }
        hits += found
        hits.sort { $0.order > $1.order }
        if hits.count > hitsMax { hits.removeSubrange(hitsMax...) }
    }
}

extension LogSearch.Hit {
    fileprivate func log() throws(StorageError) -> StoredLog {
        StoredLog(
            resource: origin.resource, scope: origin.scope, record: try row.record(from: bytes))
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import StorageContract
import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("the SQLite engine keeps the contract of stores of logs")
struct LogContractTests {
    @Test("in memory", arguments: LogCheck.all)
    func inMemory(_ check: LogCheck) async throws {
        try await check.run { try SQLiteLogStore.inMemory() }
    }

    @Test("in a file", arguments: LogCheck.all)
    func inFile(_ check: LogCheck) async throws {
        let directory = try TemporaryDirectory()
        try await check.run { try SQLiteLogStore.open(directory: directory.path) }
    }
}

@Suite("logs that were acknowledged stay")
struct LogDurabilityTests {
    @Test("an orderly end and a new start find everything, in journal and blocks, in the same order")
    func reopen() async throws {
        let directory = try TemporaryDirectory()
        var expected: [StoredLog] = []
        for round in 0..<3 as Range<UInt64> {
            let store = try SQLiteLogStore.open(directory: directory.path)
            #expect(try await store.logs(matching: LogQuery(limit: 1_000)).logs == expected)
            for part in 0..<5 as Range<UInt64> {
                try await store.write(NumberedLogs.batch(first: round * 10_000 + part * 2_000, count: 2_000))
            }
            expected = try await store.logs(matching: LogQuery(limit: 1_000)).logs
            #expect(expected.count == 1_000)
            await store.close()
        }
        let store = try SQLiteLogStore.open(directory: directory.path)
        for number in [0, 8_191, 8_192, 29_999] as [UInt64] {
            let found = try await store.logs(matching: LogQuery(text: "number \(number) end"))
            #expect(found.logs.map(\.record) == [NumberedLogs.record(number)])
        }
        await store.close()
    }

    /// The child is killed by itself in the midst of writing; what it had acknowledged stands in a file.
    @Test("nothing acknowledged is lost to kill -9", arguments: [3, 11, 26, 50])
    func killed(milliseconds: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, milliseconds = milliseconds as Int] in
            try await KilledLogWriter.run(directory: path, killAfter: .milliseconds(milliseconds))
        }
        let text = try String(contentsOfFile: path + "/acknowledged", encoding: .utf8)
        let acknowledged = text.split(separator: "\n").compactMap { UInt64($0) }
        let store = try SQLiteLogStore.open(directory: path)
        for batch in acknowledged {
            let logs = try await store.logs(ofTrace: TraceID(high: 7, low: batch + 1))
            let numbers = logs.flatMap { $0.scopeLogs.flatMap(\.logRecords) }.map(\.bodyText)
            let expected = (0..<400 as Range<UInt64>).map { "number \(batch * 400 + $0) end" }
            #expect(numbers == expected, "batch \(batch)")
        }
        // A child that was killed before its first write proves nothing.
        #expect(!acknowledged.isEmpty)
        await store.close()
    }

    @Test("a full disk refuses writes, answers questions, and takes writes again when there is room")
    func fullDisk() async throws {
        let directory = try TemporaryDirectory()
        let (database, lock) = try LogStoreFile.open(directory: directory.path)
        let store = try SQLiteLogStore(database: database, lock: lock)
        try await store.write(NumberedLogs.batch(first: 0, count: 1_000))
        try limitPages(of: database, to: 0)
        var refused = 0
        for round in 1...12 as ClosedRange<UInt64> {
            do throws(StorageError) {
                try await store.write(NumberedLogs.batch(first: round * 1_000, count: 1_000))
            } catch {
                guard case .unavailable = error else {
                    Issue.record("\(error)")
                    return
                }
                refused += 1
            }
        }
        #expect(refused == 12)
        #expect(try await store.logs(matching: LogQuery(limit: 1_000)).next == nil)
        try limitPages(of: database, to: 1 << 30)
        for round in 1...12 as ClosedRange<UInt64> {
            try await store.write(NumberedLogs.batch(first: round * 1_000, count: 1_000))
        }
        #expect(try await store.logs(matching: LogQuery(text: "number 12999 end")).logs.count == 1)
        await store.close()
    }

    @Test("a second store on the same directory says so")
    func locked() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteLogStore.open(directory: directory.path)
        #expect(throws: StorageError.self) { try SQLiteLogStore.open(directory: directory.path) }
        await store.close()
        await (try SQLiteLogStore.open(directory: directory.path)).close()
    }

    @Test("a file of another schema or another program is refused, each with its reason")
    func foreign() async throws {
        for (pragma, expected) in [
            ("user_version = 99", "schema 99"), ("application_id = 5", "another program"),
        ] {
            let directory = try TemporaryDirectory()
            await (try SQLiteLogStore.open(directory: directory.path)).close()
            let path = directory.path + "/logs/logs.sqlite"
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA \(pragma)") }
            try queue.close()
            let error = #expect(throws: StorageError.self) {
                try SQLiteLogStore.open(directory: directory.path)
            }
            #expect(error?.description.contains(expected) == true, "\(error as Any)")
        }
    }

    private func limitPages(of database: any DatabaseWriter, to pages: Int) throws {
        try database.writeWithoutTransaction { database in
            let used = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(max(used, pages))")
        }
    }
}

@Suite("damaged logs")
struct DamagedLogTests {
    @Test(
        "what is damaged is reported once and left out; the rest is answered",
        arguments: [
            "block_rows", "frame", "trace_filter", "attribute_filter", "text_filter", "block", "journal",
        ], ["x'00'", "x'ffffffffffffffffffff'", "zeroblob(40)", "substr(COLUMN, 1, length(COLUMN) / 2)"])
    func damaged(table: String, value: String) async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteLogStore.open(directory: directory.path)
        for part in 0..<5 as Range<UInt64> {
            try await store.write(NumberedLogs.batch(first: part * 4_000, count: 4_000))
        }
        await store.close()
        let queue = try DatabaseQueue(path: directory.path + "/logs/logs.sqlite")
        let column = table == "block" ? "info" : table == "journal" ? "segment" : "bytes"
        try await queue.writeWithoutTransaction { database in
            let value = value.replacing("COLUMN", with: column)
            let key = try Int64.fetchOne(database, sql: "SELECT min(rowid) FROM \(table)") ?? 0
            try database.execute(sql: "UPDATE \(table) SET \(column) = \(value) WHERE rowid = \(key)")
        }
        try queue.close()
        let again = try SQLiteLogStore.open(directory: directory.path)
        // No question fails, whatever of the first block is lost.
        _ = try await again.logs(ofTrace: TraceID(high: 7, low: 1))
        _ = try await again.logs(
            matching: LogQuery(text: "number 1 end", attributes: [.init(key: "number", value: "1")]))
        let found = try await again.logs(matching: LogQuery(text: "number 10000 end"))
        #expect(found.logs.count == 1)
        // And writing goes on, over the end of a block too.
        for part in 5..<7 as Range<UInt64> {
            try await again.write(NumberedLogs.batch(first: part * 4_000, count: 4_000))
        }
        #expect(try await again.logs(matching: LogQuery(text: "number 27999 end")).logs.count == 1)
        await again.close()
    }

    @Test("no cut and no changed byte of rows, segments or infos traps")
    func mutations() throws {
        let segment = LogSegment(NumberedLogs.batch(first: 0, count: 40))
        let block = try #require(
            LogBlockBuilder.blocks(of: [ActiveLogs(first: 1, segment: segment)], firstNumber: 1).first)
        let rows = try LogFrame.unpack(block.rows)
        var numbers = SystemRandomNumberGenerator()
        for (bytes, read) in [
            (segment.bytes, { (bytes: [UInt8]) in _ = try LogSegment(bytes: bytes) }),
            (
                rows,
                { (bytes: [UInt8]) in
                    let stored = try StoredLogBlock(info: block.info, bytes: [0] + bytes)
                    for row in stored.table.rows.indices { _ = stored.frame(ofRow: row) }
                }
            ),
            (block.info.bytes, { (bytes: [UInt8]) in _ = try LogBlockInfo(number: 1, bytes: bytes) }),
        ] {
            for count in bytes.indices { try? read(Array(bytes[..<count])) }
            for _ in 0..<5_000 {
                var changed = bytes
                changed[Int.random(in: changed.indices, using: &numbers)] = numbers.next()
                try? read(changed)
            }
        }
    }
}

/// Records that are known by their number, 400 to a trace.
enum NumberedLogs {
    static func record(_ number: UInt64) -> LogRecord {
        LogRecord(
            timeUnixNano: 1_000_000 + number * 1_000, observedTimeUnixNano: 1_000_100 + number * 1_000,
            severity: number.isMultiple(of: 100) ? .error : .info, severityText: "info",
            body: .string("number \(number) end"), attributes: ["number": .int(Int64(number))],
            traceID: TraceID(high: 7, low: number / 400 + 1), spanID: SpanID(value: number / 10 + 1))
    }

    static func batch(first: UInt64, count: UInt64) -> [ResourceLogs] {
        [
            ResourceLogs(
                resource: Resource(attributes: ["service.name": "numbered"]),
                scopeLogs: [
                    ScopeLogs(
                        scope: InstrumentationScope(name: "test"),
                        logRecords: (first..<first + count).map(record))
                ])
        ]
    }
}

/// What the process that is to be killed does.
enum KilledLogWriter {
    static func run(directory: String, killAfter delay: Duration) async throws {
        let store = try SQLiteLogStore.open(directory: directory)
        let file = directory + "/acknowledged"
        try Data().write(to: URL(fileURLWithPath: file))
        let acknowledged = try #require(FileHandle(forWritingAtPath: file))
        func write(_ batch: UInt64) async throws {
            try await store.write(NumberedLogs.batch(first: batch * 400, count: 400))
            try acknowledged.write(contentsOf: Data("\(batch)\n".utf8))
        }
        try await write(0)
        // Not before the first acknowledgement, so that each run tells something.
        Thread.detachNewThread {
            Thread.sleep(forTimeInterval: Double(delay.components.attoseconds) / 1e18)  // no polls
            kill(getpid(), SIGKILL)
        }
        for batch in 1..<100_000 as Range<UInt64> { try await write(batch) }
    }
}

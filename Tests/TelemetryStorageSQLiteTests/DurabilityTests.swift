// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import StorageContract
import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("what was acknowledged stays")
struct DurabilityTests {
    @Test("an orderly end and a new start find everything, in journal and blocks")
    func reopen() async throws {
        let directory = try TemporaryDirectory()
        var expected: [TraceSummary] = []
        for round in 0..<3 as Range<UInt64> {
            let store = try SQLiteTraceStore.open(directory: directory.path)
            let before = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
            #expect(before == expected)
            for part in 0..<5 as Range<UInt64> {
                try await store.write(Numbered.batch(first: round * 10_000 + part * 1_500, count: 1_500))
            }
            expected = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
            #expect(expected.count == min(1_000, Int(round + 1) * 750))
            await store.close()
        }
    }

    @Test("after an orderly end the one file has everything: no log stays beside it")
    func oneFile() async throws {
        let (directory, copy) = (try TemporaryDirectory(), try TemporaryDirectory())
        let store = try SQLiteTraceStore.open(directory: directory.path)
        try await store.write(Numbered.batch(first: 0, count: 1_500))
        let expected = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
        #expect(!expected.isEmpty)
        await store.close()
        let log = directory.path + "/contrail.sqlite-wal"
        let logBytes = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
        #expect(logBytes ?? 0 == 0)
        try FileManager.default.copyItem(
            atPath: directory.path + "/contrail.sqlite", toPath: copy.path + "/contrail.sqlite")
        let again = try SQLiteTraceStore.open(directory: copy.path)
        #expect(try await again.traces(matching: TraceQuery(limit: 1_000)).traces == expected)
        await again.close()
    }

    @Test("after a new start pages of one have every trace, also of a block that got a late span")
    func traceStartsOnDisk() async throws {
        let directory = try TemporaryDirectory()
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(database: database, lock: lock, spansPerBlock: 8_192)
        // Two blocks of eight traces and more; the last trace of the first goes on in the second.
        for first in [0, 7_680] as [UInt64] {
            var batch = Numbered.batch(first: first, count: 8_192)
            for index in batch[0].scopeSpans[0].spans.indices {
                let number = first + UInt64(index)
                batch[0].scopeSpans[0].spans[index].traceID = TraceID(high: 1, low: number / 1_024 + 1)
            }
            try await store.write(batch)
        }
        await store.close()
        let again = try SQLiteTraceStore.open(directory: directory.path)
        var found: [UInt64] = []
        var query = TraceQuery(limit: 1)
        repeat {
            let page = try await again.traces(matching: query)
            found += page.traces.map(\.traceID.low)
            query.cursor = page.next
        } while query.cursor != nil && found.count < 100
        #expect(found == Array((1...16).reversed()))
        await again.close()
    }

    /// The child is killed by itself in the midst of writing; what it had acknowledged stands in a file.
    @Test("nothing acknowledged is lost to kill -9", arguments: [3, 11, 26, 50])
    func killed(milliseconds: Int) async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, milliseconds = milliseconds as Int] in
            try await KilledWriter.run(directory: path, killAfter: .milliseconds(milliseconds))
        }
        let text = try String(contentsOfFile: path + "/acknowledged", encoding: .utf8)
        let acknowledged = text.split(separator: "\n").compactMap { UInt64($0) }
        let store = try SQLiteTraceStore.open(directory: path + "/data")
        for id in acknowledged {
            let trace = try await store.trace(TraceID(high: 1, low: id))
            #expect(trace?.first?.scopeSpans.first?.spans.count == 10, "trace \(id)")
        }
        // A child that was killed before its first write proves nothing.
        #expect(!acknowledged.isEmpty)
        await store.close()
    }

    @Test("a full disk refuses writes, answers questions, and takes writes again when there is room")
    func fullDisk() async throws {
        let directory = try TemporaryDirectory()
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(database: database, lock: lock)
        try await store.write(Numbered.batch(first: 0, count: 1_000))
        try limitPages(of: database, to: 0)
        var refused = 0
        for round in 1...12 as ClosedRange<UInt64> {
            do throws(StorageError) {
                try await store.write(Numbered.batch(first: round * 1_000, count: 1_000))
            } catch {
                guard case .unavailable(let reason) = error else {
                    Issue.record("\(error)")
                    return
                }
                #expect(reason.contains("full"))
                refused += 1
            }
        }
        #expect(refused == 12)
        #expect(try await store.traces(matching: TraceQuery(limit: 1_000)).traces.count == 100)
        try limitPages(of: database, to: 1 << 30)
        for round in 1...12 as ClosedRange<UInt64> {
            try await store.write(Numbered.batch(first: round * 1_000, count: 1_000))
        }
        let all = try await store.traces(matching: TraceQuery(limit: 1_000))
        #expect(all.traces.count == 1_000)
        #expect(all.next != nil)
        await store.close()
    }

    @Test("what is refused while the disk is full leaves nothing in memory for long")
    func fullDiskMemory() async throws {
        let directory = try TemporaryDirectory()
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(database: database, lock: lock)
        try await store.write(Numbered.batch(first: 0, count: 10))
        try limitPages(of: database, to: 0)
        let giant = String(repeating: "x", count: 6 << 20)
        for round in 1...3 as ClosedRange<UInt64> {
            var batch = Numbered.batch(first: round * 1_000, count: 10)
            // Noise does not fit when it is compressed: no more pages are to be had than are used.
            let noise = (0..<20_000).map { _ in String(UInt64.random(in: 0...(.max)), radix: 36) }.joined()
            batch[0].scopeSpans[0].spans[0].attributes = ["text": .string(giant + noise)]
            await #expect(throws: StorageError.self) { try await store.write(batch) }
        }
        #expect(store.core.withState { $0.active.traces.count } == 1)
        #expect(try await store.trace(TraceID(high: 1, low: 1)) != nil)
        try limitPages(of: database, to: 1 << 30)
        try await store.write(Numbered.batch(first: 10, count: 10))
        #expect(try await store.traces(matching: TraceQuery(limit: 100)).traces.count == 2)
        await store.close()
    }

    @Test("a file that became read-only is a failure that senders do not repeat")
    func readOnly() async throws {
        let directory = try TemporaryDirectory()
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(database: database, lock: lock)
        try await database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA query_only = 1") }
        do throws(StorageError) {
            try await store.write(Numbered.batch(first: 0, count: 10))
            Issue.record("it was written")
        } catch {
            guard case .failed = error else {
                Issue.record("\(error)")
                return
            }
        }
        await store.close()
    }

    /// SQLite then fails as it does on a full disk; it never goes below what is in use.
    private func limitPages(of database: any DatabaseWriter, to pages: Int) throws {
        try database.writeWithoutTransaction { database in
            let used = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            try database.execute(sql: "PRAGMA max_page_count = \(max(used, pages))")
        }
    }
}

/// Spans that are known by their number, ten to a trace.
enum Numbered {
    static func batch(first: UInt64, count: UInt64) -> [ResourceSpans] {
        let spans = (first..<first + count).map { number in
            SpanData(
                traceID: TraceID(high: 1, low: number / 10 + 1), spanID: SpanID(value: number + 1),
                parentSpanID: number % 10 == 0 ? nil : SpanID(value: number), name: "work \(number % 10)",
                startTimeUnixNano: 1_000_000 + number * 1_000, endTimeUnixNano: 1_000_500 + number * 1_000,
                attributes: ["number": .int(Int64(number)), "text": .string("value \(number)")])
        }
        return [
            ResourceSpans(
                resource: Resource(attributes: ["service.name": "numbered"]),
                scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "test"), spans: spans)])
        ]
    }
}

/// What the process that is to be killed does.
enum KilledWriter {
    static func run(directory: String, killAfter delay: Duration) async throws {
        let store = try SQLiteTraceStore.open(directory: directory + "/data")
        let file = directory + "/acknowledged"
        try Data().write(to: URL(fileURLWithPath: file))
        let acknowledged = try #require(FileHandle(forWritingAtPath: file))
        func write(_ batch: UInt64) async throws {
            try await store.write(Numbered.batch(first: batch * 400, count: 400))
            let ids = (batch * 40 + 1...batch * 40 + 40).map { "\($0)\n" }.joined()
            try acknowledged.write(contentsOf: Data(ids.utf8))
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

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import StorageContract
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("a store of which a part is damaged")
struct DamagedStoreTests {
    private final class Heard: Sendable {
        private let notes = Mutex<[String]>([])
        var all: [String] { notes.withLock { $0 } }
        func add(_ note: String) { notes.withLock { $0.append(note) } }
    }

    /// Blocks 1, 2, 3 with the traces 1…900, 901…1800, 1801…2700, and one trace in the journal.
    private func damagedStore(
        in directory: TemporaryDirectory, heard: Heard, _ damage: String
    ) async throws -> SQLiteTraceStore {
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(database: database, lock: lock, spansPerBlock: 9_000)
        for part in 0..<3 as Range<UInt64> {
            try await store.write(Numbered.batch(first: part * 9_000, count: 9_000))
        }
        try await store.write(Numbered.batch(first: 27_000, count: 10))
        await store.close()
        let queue = try DatabaseQueue(path: directory.path + "/" + StoreFile.name)
        try await queue.write { try $0.execute(sql: damage) }
        try queue.close()
        return try SQLiteTraceStore.open(directory: directory.path) { heard.add($0) }
    }

    private func isFound(_ trace: UInt64, in store: SQLiteTraceStore) async -> Bool? {
        do {
            return try await store.trace(TraceID(high: 1, low: trace)) != nil
        } catch StorageError.damaged {
            return nil
        } catch {
            Issue.record("\(error)")
            return false
        }
    }

    @Test(
        "a block that cannot be read is set aside and said once; all others answer",
        arguments: [
            "UPDATE section SET bytes = substr(bytes, 1, 20) WHERE number = 2 << 20",
            "UPDATE section SET bytes = zeroblob(0) WHERE number = (2 << 20) + 1",
            "DELETE FROM section WHERE number = (2 << 20) + 2",
        ])
    func block(_ damage: String) async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(in: directory, heard: heard, damage)
        for _ in 0..<2 {
            var query = TraceQuery(limit: 1_000)
            var found: [UInt64] = []
            repeat {
                let page = try await store.traces(matching: query)
                found += page.traces.map(\.traceID.low)
                query.cursor = page.next
            } while query.cursor != nil
            #expect(found == Array((1_801...2_701).reversed()) + Array((1...900).reversed()))
            #expect(await isFound(5, in: store) == true)
            #expect(await isFound(2_000, in: store) == true)
            #expect(await isFound(1_000, in: store) == nil)
            #expect(await isFound(9_999, in: store) == false)
        }
        #expect(heard.all.count == 1)
        #expect(heard.all.first?.hasPrefix("block 2 is set aside: ") == true)
        try await store.write(Numbered.batch(first: 9_000, count: 1))
        #expect(await isFound(901, in: store) == true, "what comes again is shown")
        await store.close()
    }

    @Test("a column that cannot be read costs its attribute only, and is said once")
    func column() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        // The first slot is `number`, the second `text`, whose dictionary is the next section.
        let store = try await damagedStore(
            in: directory, heard: heard,
            """
            UPDATE section SET bytes = zeroblob(50) WHERE number = (2 << 20) + 16;
            UPDATE section SET bytes = zeroblob(60) WHERE number = (3 << 20) + 19;
            """)
        func count(_ key: String, _ value: String) async throws -> Int {
            try await store.traces(matching: TraceQuery(attributes: [.init(key: key, value: value)])).traces
                .count
        }
        for _ in 0..<2 {
            #expect(try await count("number", "9000") == 0)
            #expect(try await count("text", "value 9000") == 1)
            #expect(try await count("number", "8999") == 1)
            #expect(try await count("number", "18000") == 1)
            #expect(try await count("text", "value 18000") == 0)
            #expect(try await store.traces(matching: TraceQuery(limit: 1_000)).traces.count == 1_000)
        }
        let trace = try await store.trace(TraceID(high: 1, low: 901))
        let spans = try #require(trace?.first?.scopeSpans.first?.spans)
        #expect(spans.count == 10)
        #expect(spans.first?.attributes == ["text": "value 9000"])
        #expect(heard.all.count == 2, "each is said once")
        #expect(heard.all.contains { $0.hasPrefix("block 2: section 16, ") })
        #expect(heard.all.contains { $0.hasPrefix("block 3: section 19, ") })
        await store.close()
    }

    @Test(
        "an info or filter that is damaged is made again, for good, and everything is found",
        arguments: [
            "info = zeroblob(2)", "info = zeroblob(length(info))", "filter = zeroblob(31)",
            "filter = zeroblob(64)", "filter = zeroblob(length(filter))",
        ])
    func info(_ damage: String) async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(
            in: directory, heard: heard, "UPDATE block SET \(damage) WHERE number = 2")
        #expect(heard.all == ["block 2: its info, which is made again from its rows"])
        let page = try await store.traces(
            matching: TraceQuery(attributes: [.init(key: "number", value: "9000")]))
        #expect(page.traces.map(\.traceID.low) == [901])
        #expect(await isFound(901, in: store) == true)
        await store.close()
        #expect(try StoreCheck.run(directory: directory.path).findings == [])
        let again = try SQLiteTraceStore.open(directory: directory.path) { heard.add($0) }
        #expect(heard.all.count == 1, "it stands in the file again")
        #expect(await isFound(1_800, in: again) == true)
        await again.close()
    }

    /// Two blocks of logs and a journal.
    private func damagedLogs(in directory: TemporaryDirectory, _ damage: String) async throws {
        let store = try SQLiteLogStore.open(directory: directory.path)
        for part in 0..<5 as Range<UInt64> {
            try await store.write(NumberedLogs.batch(first: part * 4_000, count: 4_000))
        }
        await store.close()
        let queue = try DatabaseQueue(path: directory.path + "/logs/logs.sqlite")
        try await queue.write { try $0.execute(sql: damage) }
        try queue.close()
    }

    @Test(
        "an info of logs that is damaged is made again, for good, and everything is found in its order",
        arguments: [1, 2], ["zeroblob(2)", "zeroblob(length(info))"])
    func logInfo(block: Int, damage: String) async throws {
        let directory = try TemporaryDirectory()
        try await damagedLogs(in: directory, "UPDATE block SET info = \(damage) WHERE number = \(block)")
        for round in 0..<2 {
            let heard = Heard()
            let store = try SQLiteLogStore.open(directory: directory.path) { heard.add($0) }
            #expect(
                heard.all
                    == (round == 0 ? ["log block \(block): its info, which is made again from its rows"] : [])
            )
            var query = LogQuery(limit: 1_000)
            var numbers: [String] = []
            repeat {
                let page = try await store.logs(matching: query)
                numbers += page.logs.map(\.record.bodyText)
                query.cursor = page.next
            } while query.cursor != nil
            #expect(numbers == (0..<20_000).reversed().map { "number \($0) end" })
            #expect(try await store.status().damagedBlockCount == 0)
            await store.close()
        }
        // The check wants both files.
        await (try SQLiteTraceStore.open(directory: directory.path)).close()
        #expect(try StoreCheck.run(directory: directory.path).findings == [])
    }

    @Test(
        "a filter of logs that is damaged rules nothing out, and is said",
        arguments: ["trace_filter", "attribute_filter", "text_filter"])
    func logFilter(_ table: String) async throws {
        let directory = try TemporaryDirectory()
        try await damagedLogs(in: directory, "UPDATE \(table) SET bytes = zeroblob(length(bytes))")
        let heard = Heard()
        let store = try SQLiteLogStore.open(directory: directory.path) { heard.add($0) }
        let found = try await store.logs(
            matching: LogQuery(
                traceID: TraceID(high: 7, low: 2), text: "number 777",
                attributes: [.init(key: "number", value: "777")]))
        #expect(found.logs.map(\.record) == [NumberedLogs.record(777)])
        #expect(heard.all.contains { $0.hasPrefix("log block 1: ") }, "\(heard.all)")
        await store.close()
    }

    @Test("blocks of logs and rows of their journal that cannot be read are counted")
    func logsCounted() async throws {
        let directory = try TemporaryDirectory()
        try await damagedLogs(
            in: directory,
            """
            UPDATE journal SET segment = x'FFFF'; UPDATE block_rows SET bytes = zeroblob(30) WHERE block = 2;
            """)
        let store = try SQLiteLogStore.open(directory: directory.path)
        #expect(try await store.status().damagedBlockCount == 2)
        #expect(try await store.logs(matching: LogQuery(limit: 1_000)).logs.count == 1_000)
        #expect(try await store.logs(matching: LogQuery(text: "number 9000 end")).logs.isEmpty)
        let status = try await store.status()
        #expect(status.damagedBlockCount == 3)
        #expect(status.damages.count == 3, "each is said once: \(status.damages)")
        await store.close()
    }

    @Test("a row of the journal that cannot be read costs its spans only, and stays where it is")
    func journal() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let first = try await damagedStore(
            in: directory, heard: heard, "UPDATE journal SET requests = substr(requests, 1, 20)")
        let said = heard.all
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("journal, row ") == true)
        #expect(try await first.status().damagedBlockCount == 1)
        #expect(await isFound(2_701, in: first) == false)
        #expect(await isFound(2_700, in: first) == true)
        try await first.write(Numbered.batch(first: 28_000, count: 10))
        await first.close()

        let second = try SQLiteTraceStore.open(directory: directory.path) { heard.add($0) }
        #expect(heard.all == said + said)
        #expect(await isFound(2_801, in: second) == true)
        // Makes a block of the rest of the journal.
        try await second.write(Numbered.batch(first: 50_000, count: 17_000))
        #expect(try await second.status().journalSpanCount == 0)
        await second.close()

        let third = try SQLiteTraceStore.open(directory: directory.path) { heard.add($0) }
        #expect(heard.all == said + said + said)
        for trace in [2_801, 5_001, 2_700] as [UInt64] { #expect(await isFound(trace, in: third) == true) }
        await third.close()
    }

    @Test(
        "a row of operations that cannot be read costs its names only, and the store opens",
        arguments: [
            "kind = 77", "kind = 99999999999", "kind = 'text'", "name = 7 - kind, kind = 1e300",
            "number = 4000000000", "number = -3",
        ])
    func operation(_ damage: String) async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(
            in: directory, heard: heard, "UPDATE operation SET \(damage) WHERE number = 0")
        #expect(heard.all.contains { $0.hasPrefix("operation ") })
        #expect(await isFound(5, in: store) == true)
        try await store.write(Numbered.batch(first: 50_000, count: 10))
        await store.close()
        _ = try StoreCheck.run(directory: directory.path)
        let again = try SQLiteTraceStore.open(directory: directory.path)
        #expect(await isFound(5_001, in: again) == true)
        await again.close()
    }

    @Test("numbers that no block has are set aside, and new blocks get others")
    func blockNumbers() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(
            in: directory, heard: heard,
            """
            UPDATE block SET number = \(Int64.max) WHERE number = 3;
            UPDATE stored SET bytes = \(Int64.max), items = \(Int64.max);
            """)
        #expect(heard.all.contains { $0.contains("no block has such a number") })
        #expect(try await store.holdings().portions.count == 3)
        try await store.write(Numbered.batch(first: 50_000, count: 17_000))
        await store.close()
        let again = try SQLiteTraceStore.open(directory: directory.path)
        #expect(await isFound(5_001, in: again) == true)
        await again.close()
    }

    @Test(
        "a row of the journal whose number cannot be is set aside, and what comes then is stored and sealed once",
        arguments: [Int64.max, Int64.max - 1, 0, -7, Int64.min])
    func journalNumber(_ number: Int64) async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(
            in: directory, heard: heard, "UPDATE journal SET number = \(number)")
        #expect(heard.all == ["journal, row \(number): no row has such a number"])
        for part in 0..<3 as Range<UInt64> {
            try await store.write(Numbered.batch(first: 50_000 + part * 10, count: 10))
        }
        await store.close()
        let again = try SQLiteTraceStore.open(directory: directory.path)
        for trace in 5_001...5_003 as ClosedRange<UInt64> { #expect(await isFound(trace, in: again) == true) }
        #expect(try await again.status().journalSpanCount == 30)
        try await again.seal(waitingSince: StoredTable.now() + 1)
        #expect(try await again.status().journalSpanCount == 0)
        try await again.write(Numbered.batch(first: 60_000, count: 10))
        await again.close()
        let third = try SQLiteTraceStore.open(directory: directory.path)
        #expect(try await third.status().journalSpanCount == 10)
        await third.close()
    }

    @Test("a log whose numbers are out of range is set aside, and the store opens and takes more")
    func logNumbers() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try SQLiteLogStore.open(directory: directory.path)
        try await store.write(NumberedLogs.batch(first: 0, count: 5))
        await store.close()
        let queue = try DatabaseQueue(path: directory.path + "/logs/logs.sqlite")
        try await queue.write { try $0.execute(sql: "UPDATE journal SET number = \(Int64.max - 2)") }
        try queue.close()
        let again = try SQLiteLogStore.open(directory: directory.path, damaged: { heard.add($0) })
        #expect(heard.all.count == 1)
        try await again.write(NumberedLogs.batch(first: 5, count: 5))
        #expect(try await again.logs(matching: LogQuery(limit: 100)).logs.count == 5)
        await again.close()
    }

    @Test("a block that lost its row does not have its number given again")
    func numberNotReused() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(in: directory, heard: heard, "DELETE FROM block WHERE number = 3")
        // Makes the next block: it would meet what is left of block 3.
        try await store.write(Numbered.batch(first: 50_000, count: 17_000))
        #expect(await isFound(5_001, in: store) == true)
        #expect(await isFound(901, in: store) == true)
        await store.close()
    }

    @Test("the cache holds so many bytes, and what was used last stays")
    func cache() throws {
        func part(_ count: UInt64) throws -> PartCache.Part {
            var section = SectionWriter()
            try NumberColumn.write(Array(0..<count), to: &section)
            let column = BlockHead.Column(
                slot: Slot(place: .flags, kind: .int, key: []), count: Int(count), range: nil)
            return .column(try StoredColumn(try Section.unpack(section.bytes), column))
        }
        let cache = PartCache(bytesMax: 11_800)
        for row in 1...8 as ClosedRange<Int64> { cache.keep(try part(500), row) }
        #expect(cache.part(1) != nil)
        for row in 9...10 as ClosedRange<Int64> { cache.keep(try part(500), row) }
        #expect(cache.byteCount <= 11_800)
        #expect(cache.part(1) != nil, "used last")
        #expect(cache.part(2) == nil)
        #expect(cache.part(10) != nil)
        cache.keep(try part(6_000), 11)
        #expect(cache.part(11) == nil, "greater than the whole cache")
        let before = cache.byteCount
        cache.keep(try part(500), 10)
        #expect(cache.byteCount == before)
    }
}

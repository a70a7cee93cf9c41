// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
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
        let store = try SQLiteTraceStore.open(directory: directory.path)
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
            "UPDATE block_rows SET bytes = substr(bytes, 1, 1000) WHERE block = 2",
            "UPDATE block_rows SET bytes = zeroblob(0) WHERE block = 2",
            "DELETE FROM block_rows WHERE block = 2",
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

    @Test("a frame that cannot be read costs its spans only, and a filter nothing")
    func frameAndFilter() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(
            in: directory, heard: heard,
            """
            UPDATE frame SET bytes = zeroblob(5) WHERE number = 2 << 20;
            UPDATE block_filter SET bytes = zeroblob(3) WHERE block = 3;
            """)
        let attribute = { (number: Int) in
            TraceQuery(attributes: [.init(key: "number", value: "\(number)")])
        }
        #expect(try await store.traces(matching: attribute(9_000)).traces.count == 0)
        #expect(try await store.traces(matching: attribute(17_999)).traces.count == 1)
        #expect(try await store.traces(matching: attribute(18_000)).traces.count == 1)
        #expect(try await store.traces(matching: TraceQuery(limit: 1_000)).traces.count == 1_000)
        #expect(await isFound(901, in: store) == nil)
        #expect(await isFound(1_800, in: store) == true)
        #expect(heard.all.count == 2, "each is said once")
        #expect(heard.all.contains { $0.hasPrefix("block 2: ") })
        #expect(heard.all.contains("block 3: the filter"))
        await store.close()
    }

    @Test("an info that cannot be read is made again, and the store opens")
    func info() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(
            in: directory, heard: heard, "UPDATE block SET info = zeroblob(2) WHERE number = 2")
        #expect(heard.all == ["block 2: its info, which is made again from its rows"])
        let page = try await store.traces(
            matching: TraceQuery(attributes: [.init(key: "number", value: "9000")]))
        #expect(page.traces.map(\.traceID.low) == [901])
        await store.close()
    }

    @Test("a block that lost its row does not have its number given again")
    func numberNotReused() async throws {
        let directory = try TemporaryDirectory()
        let heard = Heard()
        let store = try await damagedStore(in: directory, heard: heard, "DELETE FROM block WHERE number = 3")
        // Makes the next block: it would meet what is left of block 3.
        try await store.write(Numbered.batch(first: 50_000, count: 9_000))
        #expect(await isFound(5_001, in: store) == true)
        #expect(await isFound(1_801, in: store) == true)
        await store.close()
    }

    @Test("the cache holds so many bytes, however great its blocks are")
    func cache() throws {
        func block(_ number: Int64, spans: UInt64) throws -> StoredBlock {
            let segment = SegmentBuilder.segment(of: Numbered.batch(first: 0, count: spans))
            let active = ActiveSegment(
                segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
            let new = try #require(BlockBuilder.blocks(of: [active]).first)
            return try StoredBlock(number: number, bytes: new.rowBytes)
        }
        let one = try block(1, spans: 100)
        let cache = BlockCache(bytesMax: one.byteCount * 3)
        for number in 1...3 as ClosedRange<Int64> { cache.keep(try block(number, spans: 100)) }
        #expect(cache.block(1) != nil)
        cache.keep(try block(4, spans: 150))
        #expect(cache.byteCount <= one.byteCount * 3)
        #expect(cache.block(1) != nil, "used last")
        #expect(cache.block(2) == nil)
        #expect(cache.block(3) == nil)
        #expect(cache.block(4) != nil)
        cache.keep(try block(5, spans: 1_000))
        #expect(cache.block(5) == nil, "greater than the whole cache")
        #expect(cache.block(4) != nil)
        cache.keep(try block(4, spans: 100))
        #expect(cache.byteCount == one.byteCount * 2)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import StorageContract
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("deleting what was stored longest ago")
struct RetentionTests {
    private let directory: TemporaryDirectory
    private let said = Said()

    init() throws { directory = try TemporaryDirectory() }

    private final class Said: Sendable {
        let words = Mutex<[String]>([])
    }

    private func open() throws -> SQLiteTraceStore {
        let (database, lock) = try StoreFile.open(directory: directory.path)
        return try SQLiteTraceStore(
            database: database, lock: lock, directory: directory.path, spansPerBlock: 2_000
        ) { [said] what in said.words.withLock { $0.append(what) } }
    }

    private var traceFile: String { directory.path + "/" + StoreFile.name }

    private func bytes(of path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    /// Of a service of its own each, a block, with texts that do not repeat: most of the file is spans.
    private func batch(_ number: UInt64) -> [ResourceSpans] {
        var batch = Numbered.batch(first: number * 2_000, count: 2_000)
        for index in batch.indices {
            batch[index].resource.attributes = ["service.name": .string("service-\(number)")]
            for scope in batch[index].scopeSpans.indices {
                for span in batch[index].scopeSpans[scope].spans.indices {
                    let noise = (0..<4).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
                    batch[index].scopeSpans[scope].spans[span].attributes["noise"] = .string(noise)
                }
            }
        }
        return batch
    }

    @Test("nothing is found any more of deleted blocks, all of the others, and the file is shorter")
    func traces() async throws {
        let store = try open()
        for number in 0..<6 as Range<UInt64> { try await store.write(batch(number)) }
        let before = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
        let holdings = try await store.holdings()
        #expect(holdings.portions.count == 6)
        #expect(holdings.portions.map(\.itemCount) == Array(repeating: 2_000, count: 6))
        #expect(holdings.portions.allSatisfy { $0.storedAt > 1_700_000_000_000_000_000 && $0.bytes > 1_000 })
        #expect(holdings.portions.reduce(0) { $0 + $1.bytes } <= holdings.bytes)
        #expect(try await store.status().spanCount == 6 * 2_000)
        #expect(try await store.trace(TraceID(high: 1, low: 1)) != nil)
        let oldest = holdings.portions.prefix(4)

        try await store.delete(oldest.map(\.number))
        let after = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
        #expect(!after.isEmpty)
        #expect(after == before.filter { ["service-4", "service-5"].contains($0.rootService) })
        #expect(try await store.services() == ["service-4", "service-5"])
        #expect(try await store.operations(ofService: "service-0") == [])
        #expect(try await store.trace(TraceID(high: 1, low: 1)) == nil)
        let left = try await store.holdings()
        #expect(left.portions == Array(holdings.portions.dropFirst(4)))
        #expect(try bytes(of: traceFile) == left.bytes)
        #expect(left.bytes < holdings.bytes / 2)
        #expect(try await store.status().spanCount == 2 * 2_000)

        // A service that comes back is there again, and the next start finds the same.
        try await store.write(batch(0))
        #expect(try await store.services() == ["service-0", "service-4", "service-5"])
        await store.close()
        let again = try open()
        #expect(try await again.services() == ["service-0", "service-4", "service-5"])
        #expect(try await again.holdings().portions.count == 3)
        await again.close()
        #expect(said.words.withLock { $0 } == [])
    }

    @Test("questions that are under way while blocks are deleted report no damage")
    func whileReading() async throws {
        let store = try open()
        for number in 0..<8 as Range<UInt64> { try await store.write(batch(number)) }
        let traces = try await store.traces(matching: TraceQuery(limit: 1_000)).traces.map(\.traceID)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reader in 0..<4 {
                group.addTask {
                    for (index, id) in traces.enumerated() where index % 4 == reader {
                        _ = try await store.trace(id)
                    }
                    _ = try await store.traces(matching: TraceQuery(service: "service-3", limit: 20))
                }
            }
            for portion in try await store.holdings().portions { try await store.delete([portion.number]) }
            try await group.waitForAll()
        }
        #expect(try await store.traces(matching: TraceQuery(limit: 10)).traces == [])
        #expect(said.words.withLock { $0 } == [])
        await store.close()
    }

    @Test(
        "what waits in the journal becomes a block when it waits longer than it may, also behind a new start")
    func seal() async throws {
        var store = try open()
        let before = StoredTable.now()
        try await store.write(Numbered.batch(first: 0, count: 100))
        let expected = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
        try await store.seal(waitingSince: before)
        #expect(try await store.holdings().portions == [])
        await store.close()
        store = try open()
        try await store.seal(waitingSince: StoredTable.now() + 1)
        #expect(try await store.holdings().portions.map(\.itemCount) == [100])
        #expect(try await store.status().journalSpanCount == 0)
        #expect(try await store.traces(matching: TraceQuery(limit: 1_000)).traces == expected)
        try await store.seal(waitingSince: StoredTable.now() + 1)
        #expect(try await store.holdings().portions.count == 1)
        await store.close()
    }

    private func logs(_ number: Int) -> [ResourceLogs] {
        let records = (0..<500).map { index in
            LogRecord(
                timeUnixNano: 1_700_000_000_000_000_000 + UInt64(index), severity: .info,
                body: .string("batch \(number) line \(String(UInt64.random(in: 0 ... .max), radix: 36))"))
        }
        return [
            ResourceLogs(
                resource: Resource(attributes: ["service.name": .string("service-\(number)")]),
                scopeLogs: [ScopeLogs(scope: InstrumentationScope(name: "s"), logRecords: records)])
        ]
    }

    @Test("logs are deleted by the same means")
    func deleteLogs() async throws {
        let store = try SQLiteLogStore.open(directory: directory.path)
        for number in 0..<4 {
            try await store.write(logs(number))
            try await store.seal(waitingSince: StoredTable.now() + 1)
        }
        let holdings = try await store.holdings()
        #expect(holdings.portions.map(\.itemCount) == [500, 500, 500, 500])
        try await store.delete(holdings.portions.prefix(3).map(\.number))
        let left = try await store.logs(matching: LogQuery(limit: 1_000)).logs
        #expect(left.count == 500)
        #expect(left.allSatisfy { $0.resource.attributes["service.name"] == .string("service-3") })
        let after = try await store.holdings()
        #expect(after.portions == [holdings.portions[3]])
        #expect(after.bytes < holdings.bytes)
        await store.close()
        let file = directory.path + "/logs/" + LogStoreFile.name
        #expect(try bytes(of: file) == after.bytes)
    }

    @Test("on a disk that is nearly full nothing is stored, but deleting and making blocks go on")
    func fullDisk() async throws {
        let free = Mutex(1 << 30)
        let room = DiskRoom { free.withLock { $0 } }
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let store = try SQLiteTraceStore(
            database: database, lock: lock, directory: directory.path, spansPerBlock: 2_000, room: room)
        try await store.write(batch(0))
        try await store.write(Numbered.batch(first: 9_000, count: 10))
        let (logDatabase, logLock) = try LogStoreFile.open(directory: directory.path)
        let logs = try SQLiteLogStore(
            database: logDatabase, lock: logLock, directory: directory.path, room: room)
        free.withLock { $0 = DiskRoom.bytesMin - 1 }
        for _ in 0..<2 {
            let refusal = await #expect(throws: StorageError.self) { try await store.write(batch(1)) }
            guard case .unavailable(let reason) = refusal else {
                Issue.record("\(String(describing: refusal))")
                return
            }
            #expect(reason.contains("the disk is full: \(DiskRoom.bytesMin - 1) bytes are left"))
        }
        await #expect(throws: StorageError.self) { try await logs.write(self.logs(1)) }
        try await store.seal(waitingSince: StoredTable.now() + 1)
        #expect(try await store.holdings().portions.count == 2)
        try await store.delete([1])
        #expect(try await store.holdings().portions.count == 1)
        free.withLock { $0 = DiskRoom.bytesMin }
        try await store.write(batch(1))
        try await logs.write(self.logs(1))
        await store.close()
        await logs.close()
    }

    @Test("a file of the schema before is brought to this one behind a copy, and finds everything")
    func upgrade() async throws {
        let store = try open()
        for number in 0..<2 as Range<UInt64> { try await store.write(batch(number)) }
        try await store.write(Numbered.batch(first: 9_000, count: 10))
        let expected = try await store.traces(matching: TraceQuery(limit: 1_000)).traces
        await store.close()
        let queue = try DatabaseQueue(path: traceFile)
        try await queue.writeWithoutTransaction { database in
            // The checksums behind the filters came with schema 6.
            try database.execute(
                sql: """
                    UPDATE block SET filter = substr(filter, 1, length(filter) - 8);
                    DROP TABLE stored; PRAGMA user_version = 4; PRAGMA auto_vacuum = NONE; VACUUM
                    """)
        }
        try queue.close()

        var told: [String] = []
        let (database, lock) = try StoreFile.open(directory: directory.path) { told.append($0) }
        let copy = traceFile + ".schema-4.backup"
        #expect(told.count == 1 && told[0].contains(copy), "\(told)")
        let again = try SQLiteTraceStore(database: database, lock: lock, directory: directory.path)
        #expect(try await again.traces(matching: TraceQuery(limit: 1_000)).traces == expected)
        #expect(try await again.holdings().portions.count == 2)
        // Nobody counted the spans of those blocks.
        #expect(try await again.status().spanCount == nil)
        try await again.delete(again.holdings().portions.map(\.number))
        #expect(try await again.holdings().bytes == bytes(of: traceFile))
        await again.close()
        let backup = try DatabaseQueue(path: copy)
        #expect(try await backup.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 4)
        #expect(try await backup.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM block") } == 2)
        try backup.close()
        let permissions = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions] as? Int
        #expect(permissions == 0o600)
    }
}

// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import GRDB
import StorageContract
import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("opening a data directory")
struct OpeningTests {
    @Test("a missing directory is made, with those above it, for the owner alone")
    func makesDirectory() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/a/b"
        let store = try SQLiteTraceStore.open(directory: path)
        await store.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        #expect(attributes[.posixPermissions] as? Int == 0o700)
        let file = try FileManager.default.attributesOfItem(atPath: path + "/" + StoreFile.name)
        #expect(file[.posixPermissions] as? Int == 0o600)
    }

    @Test("a path through a file names the path and the reason")
    func pathThroughFile() throws {
        let directory = try TemporaryDirectory()
        try Data("x".utf8).write(to: URL(fileURLWithPath: directory.path + "/file"))
        let path = directory.path + "/file/data"
        let error = #expect(throws: StorageError.self) { try SQLiteTraceStore.open(directory: path) }
        guard case .cannotOpen(path: path, let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(reason.contains("cannot be made"))
    }

    @Test("a second store on the same directory is refused until the first is closed")
    func locked() async throws {
        let directory = try TemporaryDirectory()
        let first = try SQLiteTraceStore.open(directory: directory.path)
        let error = #expect(throws: StorageError.self) {
            try SQLiteTraceStore.open(directory: directory.path)
        }
        #expect("\(String(describing: error))".contains("another contrail uses this directory"))
        await first.close()
        let again = try SQLiteTraceStore.open(directory: directory.path)
        await again.close()
    }

    @Test("a file that is no database is left alone and said")
    func noDatabase() throws {
        let directory = try TemporaryDirectory()
        let file = URL(fileURLWithPath: directory.path + "/" + StoreFile.name)
        let text = Data(String(repeating: "not a database ", count: 1_000).utf8)
        try text.write(to: file)
        let error = #expect(throws: StorageError.self) {
            try SQLiteTraceStore.open(directory: directory.path)
        }
        #expect("\(String(describing: error))".contains("it is not a database"))
        #expect(try Data(contentsOf: file) == text)
    }

    @Test("the database of another program is left alone and said")
    func foreignDatabase() throws {
        let directory = try TemporaryDirectory()
        let queue = try DatabaseQueue(path: directory.path + "/" + StoreFile.name)
        try queue.write { try $0.execute(sql: "CREATE TABLE song (title TEXT)") }
        try queue.close()
        let error = #expect(throws: StorageError.self) {
            try SQLiteTraceStore.open(directory: directory.path)
        }
        #expect("\(String(describing: error))".contains("another program"))
    }

    @Test("a file with a table missing is refused with its directory, not served in part")
    func tableMissing() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteTraceStore.open(directory: directory.path)
        await store.close()
        let queue = try DatabaseQueue(path: directory.path + "/" + StoreFile.name)
        try await queue.write { try $0.execute(sql: "DROP TABLE block") }
        try queue.close()
        let error = #expect(throws: StorageError.self) {
            try SQLiteTraceStore.open(directory: directory.path)
        }
        #expect("\(String(describing: error))".contains(directory.path))
    }

    @Test("a newer schema is refused with both versions")
    func newerSchema() async throws {
        let directory = try TemporaryDirectory()
        let again = try SQLiteTraceStore.open(directory: directory.path)
        await again.close()
        let path = directory.path + "/" + StoreFile.name
        let queue = try DatabaseQueue(path: path)
        let newer = StoreSchema.version + 1
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = \(newer)") }
        try queue.close()
        #expect(throws: StorageError.newerSchema(path: path, found: newer, supported: StoreSchema.version)) {
            try SQLiteTraceStore.open(directory: directory.path)
        }
    }

    @Test("after an orderly end the files of traces and logs stand alone, with everything in them")
    func filesStandAlone() async throws {
        let directory = try TemporaryDirectory()
        let traces = try SQLiteTraceStore.open(directory: directory.path)
        let logs = try SQLiteLogStore.open(directory: directory.path)
        try await traces.write(Numbered.batch(first: 0, count: 50))
        try await logs.write(NumberedLogs.batch(first: 0, count: 50))
        // Questions, so that there are connections that read.
        #expect(try await traces.traces(matching: TraceQuery()).traces.count > 0)
        #expect(try await logs.logs(matching: LogQuery()).logs.count == 50)
        await traces.close()
        await logs.close()
        let manager = FileManager.default
        #expect(
            try manager.contentsOfDirectory(atPath: directory.path).sorted()
                == [StoreFile.name, "lock", LogStoreFile.directoryName])
        #expect(
            try manager.contentsOfDirectory(atPath: directory.path + "/" + LogStoreFile.directoryName)
                .sorted()
                == ["lock", LogStoreFile.name])
        let again = try SQLiteTraceStore.open(directory: directory.path)
        #expect(try await again.traces(matching: TraceQuery()).traces.count > 0)
        let bytes = try #require(try await again.status().diskBytes)
        #expect(bytes > 0)
        await again.close()
    }

    @Test("the status does not wait behind questions that take long", .timeLimit(.minutes(1)))
    func statusBesideQuestions() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteTraceStore.open(directory: directory.path)
        try await store.write(Numbered.batch(first: 0, count: 30))
        let end = DispatchSemaphore(value: 0)
        let begun = DispatchSemaphore(value: 0)
        async let questions: Void = withTaskGroup(of: Void.self) { group in
            // As many as there are connections that read, and one more.
            for _ in 0..<5 {
                group.addTask {
                    _ = try? await store.core.read(prepare: { _ in }) { (_, _, _) throws(StorageError) in
                        begun.signal()
                        end.wait()
                    }
                }
            }
            await group.waitForAll()
        }
        for _ in 0..<4 {
            while begun.wait(timeout: .now()) == .timedOut { await Task.yield() }
        }
        #expect(try await store.status().spanCount == 30)
        for _ in 0..<5 { end.signal() }
        await questions
        await store.close()
    }

    @Test("commits are synced, and the log is a write-ahead log")
    func synced() async throws {
        let directory = try TemporaryDirectory()
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let (synchronous, journal) = try await database.writeWithoutTransaction { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try String.fetchOne(database, sql: "PRAGMA journal_mode")
            )
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
        try database.close()
        lock.release()
    }
}

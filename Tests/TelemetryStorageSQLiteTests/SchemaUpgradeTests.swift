// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import StorageContract
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("an upgrade of the schema that breaks off")
struct SchemaUpgradeTests {
    private let directory: TemporaryDirectory
    private var file: String { directory.path + "/" + StoreFile.name }

    init() throws { directory = try TemporaryDirectory() }

    private func fill(then sql: String) async throws {
        let store = try SQLiteTraceStore.open(directory: directory.path)
        try await store.write(Numbered.batch(first: 0, count: 2_000))
        try await store.seal(waitingSince: StoredTable.now() + 1)
        await store.close()
        let queue = try DatabaseQueue(path: file)
        try await queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test("behind its commit: the next start does the rest, so that deleting shortens the file")
    func beforeVacuum() async throws {
        try await fill(then: "PRAGMA auto_vacuum = NONE; VACUUM")
        let (database, lock) = try StoreFile.open(directory: directory.path)
        let mode = try await database.read { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") }
        #expect(mode == 2)
        let store = try SQLiteTraceStore(database: database, lock: lock, directory: directory.path)
        try await store.delete(store.holdings().portions.map(\.number))
        let size = try #require(FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
        // All that is not in use was given back.
        #expect(try await store.holdings().bytes == size)
        await store.close()
    }

    @Test("at the copy: nothing is left of it, and the error says where it was to be and what it takes")
    func atTheCopy() async throws {
        try await fill(then: "PRAGMA user_version = 5")
        let bytes = try #require(FileManager.default.attributesOfItem(atPath: file)[.size] as? Int)
        // A page that the copy reads and the start does not.
        let queue = try DatabaseQueue(path: file)
        let page = try await queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'section'") ?? 0
        }
        try queue.close()
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seek(toOffset: UInt64(page - 1) * 4_096)
        try handle.write(contentsOf: Data(repeating: 0xa5, count: 4_096))
        try handle.close()
        let error = #expect(throws: StorageError.self) { try StoreFile.open(directory: directory.path) }
        let words = "\(String(describing: error))"
        #expect(words.contains("contrail.sqlite.schema-5.backup"), "\(words)")
        #expect(words.contains("\(bytes) bytes"), "\(words)")
        let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(!left.contains { $0.hasSuffix(".part") || $0.hasSuffix(".backup") }, "\(left)")
    }
}

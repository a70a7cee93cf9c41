// SPDX-License-Identifier: Apache-2.0

import StorageContract
import Testing

@testable import TelemetryStorageSQLite

@Suite("the SQLite engine keeps the contract of trace stores")
struct ContractTests {
    @Test("in memory", arguments: StorageCheck.all)
    func inMemory(_ check: StorageCheck) async throws {
        try await check.run { try SQLiteTraceStore.inMemory() }
    }

    @Test("in memory, with blocks of a thousand spans", arguments: StorageCheck.all)
    func smallBlocks(_ check: StorageCheck) async throws {
        try await check.run {
            try SQLiteTraceStore(database: try StoreFile.inMemory(), lock: nil, spansPerBlock: 1_000)
        }
    }

    @Test("in a file", arguments: StorageCheck.all)
    func inFile(_ check: StorageCheck) async throws {
        let directory = try TemporaryDirectory()
        try await check.run { try SQLiteTraceStore.open(directory: directory.path) }
    }
}

// SPDX-License-Identifier: Apache-2.0

import GRDB
import StorageContract
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("questions that nobody waits for")
struct AbandonedQuestionTests {
    @Test("a question of a cancelled task takes no reading thread, and others are answered")
    func beforeItBegan() async throws {
        let store = try SQLiteTraceStore.inMemory()
        let logs = try SQLiteLogStore.inMemory()
        let asked = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await #expect(throws: StorageError.cancelled) { try await store.traces(matching: TraceQuery()) }
            await #expect(throws: StorageError.cancelled) { try await logs.logs(matching: LogQuery()) }
        }
        await asked.value
        #expect(try await store.traces(matching: TraceQuery()).traces.isEmpty)
        #expect(try await logs.logs(matching: LogQuery()).logs.isEmpty)
        await store.close()
        await logs.close()
    }

    @Test("a question under way ends at the next part of a block")
    func betweenBlocks() async throws {
        let directory = try TemporaryDirectory()
        let store = try SQLiteTraceStore.open(directory: directory.path)
        let logs = try SQLiteLogStore.open(directory: directory.path)
        try await store.write(Numbered.batch(first: 0, count: 10_000))
        try await logs.write(NumberedLogs.batch(first: 0, count: 10_000))
        try await store.seal(waitingSince: .max)
        try await logs.seal(waitingSince: .max)
        for hasLeft in [false, true] {
            let asker = Asker()
            if hasLeft { asker.leave() }
            let (traces, core) = (store.core.withState { $0.view }, store.core)
            try await core.database.read { database in
                var search = TraceSearch(
                    query: TraceQuery(), cursor: nil, view: traces, operations: nil,
                    reader: BlockReader(core: core, view: traces, database: database, asker: asker))
                if hasLeft {
                    #expect(throws: StorageError.cancelled) { try search.page() }
                } else {
                    let page = try search.page()
                    #expect(!page.traces.isEmpty)
                }
            }
            let (records, logCore) = (logs.core.view, logs.core)
            try await logCore.database.read { database in
                let reader = LogBlockReader(core: logCore, database: database, asker: asker)
                if hasLeft {
                    #expect(throws: StorageError.cancelled) {
                        try LogSearch.page(of: LogQuery(), view: records, reader: reader)
                    }
                } else {
                    let page = try LogSearch.page(of: LogQuery(), view: records, reader: reader)
                    #expect(!page.logs.isEmpty)
                }
            }
        }
        await store.close()
        await logs.close()
    }
}

// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

extension SQLiteTraceStore: PortionedStore {
    package func holdings() async throws(StorageError) -> StoreHoldings {
        try await core.read(prepare: { _ in }) { (database, _, _) throws(StorageError) in
            do {
                return try StoredTable.holdings(in: database)
            } catch {
                throw StorageError(sqlite: error)
            }
        }
    }

    package func seal(waitingSince time: UInt64) async throws(StorageError) {
        _ = try core.whenOpen { _ in true }
        try await sealJournal(waitingSince: time)
    }

    package func delete(_ portions: [Int64]) async throws(StorageError) {
        _ = try core.whenOpen { _ in true }
        let gone = Set(portions)
        // First here and then in the file, so that a question that misses a block there can tell why.
        // Between two commits: a block that is in the file stands in the list then.
        let infos = try await writes.between { [core] () throws(StorageError) in
            core.withState { state in
                let infos = state.blocks.filter { gone.contains($0.number) }
                state.blocks.removeAll { gone.contains($0.number) }
                state.forgetUnusedOperations()
                return infos
            }
        }
        do throws(StorageError) {
            try await BlockDeletion(database: core.database, statements: BlockDeletion.traces).run(portions)
        } catch {
            // What is still there is found again, and deleted at another time.
            let left = Set((try? await holdings())?.portions.map(\.number) ?? portions)
            core.withState { state in
                state.blocks += infos.filter { left.contains($0.number) }
                state.blocks.sort { $0.number < $1.number }
                state.forgetUnusedOperations()
            }
            throw error
        }
    }
}

extension StoreCore.State {
    /// Services and operations of which nothing is stored any more are in no answer.
    mutating func forgetUnusedOperations() {
        var used = Set(active.operationNumbers)
        for block in blocks { used.formUnion(block.operations.lazy.map(\.operation)) }
        operations.show(only: used)
    }
}

// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

extension SQLiteLogStore: PortionedStore {
    package func holdings() async throws(StorageError) -> StoreHoldings {
        try await core.read { (database, _, _) throws(StorageError) in
            do {
                return try StoredTable.holdings(in: database)
            } catch {
                throw StorageError(sqlite: error)
            }
        }
    }

    package func seal(waitingSince time: UInt64) async throws(StorageError) {
        try core.requireOpen()
        try await sealJournal(waitingSince: time)
    }

    package func delete(_ portions: [Int64]) async throws(StorageError) {
        try core.requireOpen()
        let gone = Set(portions)
        // First here and then in the file, so that a question that misses a block there can tell why.
        // Between two commits: a block that is in the file stands in the list then.
        let infos = try await writes.between { [core] () throws(StorageError) in
            core.withView { view in
                let infos = view.blocks.filter { gone.contains($0.number) }
                view.blocks.removeAll { gone.contains($0.number) }
                return infos
            }
        }
        do throws(StorageError) {
            try await BlockDeletion(database: core.database, statements: BlockDeletion.logs).run(portions)
        } catch {
            let left = Set((try? await holdings())?.portions.map(\.number) ?? portions)
            core.withView { view in
                view.blocks += infos.filter { left.contains($0.number) }
                view.blocks.sort { $0.number < $1.number }
            }
            throw error
        }
    }
}

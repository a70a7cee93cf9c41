// SPDX-License-Identifier: Apache-2.0

import GRDB
import TelemetryStorage

/// Takes blocks out of a file and gives their room back, in steps: writes come in between.
struct BlockDeletion: Sendable {
    let database: any DatabaseWriter
    /// Each takes the number of the block.
    let statements: [String]

    /// In one transaction.
    private static let blocksAtOnce = 8
    /// Pages that are moved in one transaction.
    private static let pagesAtOnce = 1_024

    static let traces = [
        "DELETE FROM section WHERE number >= ?1 << 20 AND number < (?1 + 1) << 20",
        "DELETE FROM block WHERE number = ?1", "DELETE FROM stored WHERE block = ?1",
    ]

    static let logs = [
        "DELETE FROM frame WHERE number >= ?1 << 20 AND number < (?1 + 1) << 20",
        "DELETE FROM block_rows WHERE block = ?1", "DELETE FROM trace_filter WHERE block = ?1",
        "DELETE FROM attribute_filter WHERE block = ?1", "DELETE FROM text_filter WHERE block = ?1",
        "DELETE FROM block WHERE number = ?1", "DELETE FROM stored WHERE block = ?1",
    ]

    func run(_ numbers: [Int64]) async throws(StorageError) {
        var rest = numbers[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(Self.blocksAtOnce))
            rest = rest.dropFirst(some.count)
            try await step { database in
                try database.inTransaction(.immediate) {
                    for number in some {
                        for sql in statements {
                            try database.cachedStatement(sql: sql).execute(arguments: [number])
                        }
                    }
                    return .commit
                }
            }
        }
        try await giveRoomBack()
    }

    /// The file becomes shorter by its free pages.
    private func giveRoomBack() async throws(StorageError) {
        // What a shutdown leaves is given back after the next deletion.
        while !Task.isCancelled {
            let (before, left) = try await step { database in
                let before = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
                if before > 0 { try database.execute(sql: "PRAGMA incremental_vacuum(\(Self.pagesAtOnce))") }
                return (before, try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0)
            }
            // What does not become less in a step cannot be given back now. Between two steps others may free pages.
            guard left > 0, left < before else { break }
        }
        guard !Task.isCancelled else { return }
        // Until then all that was moved stands in the write-ahead log too. Safe to fail: questions under way need it.
        try await step { database in _ = try? database.checkpoint(.truncate) }
    }

    @discardableResult
    private func step<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        let result: Result<T, StorageError> = await withCheckedContinuation { continuation in
            database.asyncWriteWithoutTransaction { database in
                continuation.resume(
                    returning: Result { try body(database) }.mapError { StorageError(sqlite: $0) })
            }
        }
        return try result.get()
    }
}

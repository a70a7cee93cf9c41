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
    /// Pages that are moved in one transaction, and on a disk that is full.
    private static let pagesAtOnce = 1_024
    private static let pagesAtOnceMin = 16

    private static let advice =
        "deleting takes a little room too: free some MiB on the disk of the data directory, for example a "
        + "*.backup file in it, and what is too much is deleted within a minute"

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
        var atOnce = Self.blocksAtOnce
        while !rest.isEmpty {
            let some = Array(rest.prefix(atOnce))
            do throws(StorageError) {
                try await delete(some)
                rest = rest.dropFirst(some.count)
            } catch {
                guard case .unavailable(let reason) = error else { throw error }
                guard atOnce > 1 else { throw .unavailable("\(reason); \(Self.advice)") }
                // What stands in the write-ahead log already goes where it belongs, so that its room can be used again.
                try await step { database in _ = try? database.checkpoint(.truncate) }
                atOnce = 1
            }
        }
        try await giveRoomBack()
    }

    private func delete(_ numbers: [Int64]) async throws(StorageError) {
        try await step { database in
            try database.inTransaction(.immediate) {
                for number in numbers {
                    for sql in statements {
                        try database.cachedStatement(sql: sql).execute(arguments: [number])
                    }
                }
                return .commit
            }
        }
    }

    /// The file becomes shorter by its free pages.
    private func giveRoomBack() async throws(StorageError) {
        var atOnce = Self.pagesAtOnce
        // What a shutdown leaves is given back after the next deletion.
        while !Task.isCancelled {
            let pages = atOnce
            do throws(StorageError) {
                let (before, left) = try await step { database in
                    let before = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
                    if before > 0 { try database.execute(sql: "PRAGMA incremental_vacuum(\(pages))") }
                    return (before, try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0)
                }
                // What does not become less in a step cannot be given back now. Between two steps others may free
                // pages.
                guard left > 0, left < before else { break }
            } catch {
                guard case .unavailable = error else { throw error }
                // On a full disk in small steps, each of which shortens the file. At worst new blocks take the pages.
                guard atOnce > Self.pagesAtOnceMin else { break }
                atOnce = Self.pagesAtOnceMin
            }
            if atOnce < Self.pagesAtOnce { try await shorten() }
        }
        guard !Task.isCancelled else { return }
        try await shorten()
    }

    /// Until then all that was moved stands in the write-ahead log too. Safe to fail: questions under way need it.
    private func shorten() async throws(StorageError) {
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

// SPDX-License-Identifier: Apache-2.0

import GRDB
package import TelemetryModel
package import TelemetryStorage

/// Logs in one SQLite file of a data directory, or the same with nothing on disk.
///
/// By the same means as traces: a request is written to a journal with its `COMMIT` synced before `write`
/// returns, many requests a commit when they come together, and is kept in memory beside it. Full memory
/// becomes a block: columns of what is asked most, the rest of the records in compressed frames, and filters
/// that tell which blocks a question may leave out.
package final class SQLiteLogStore: LogStore {
    /// Bytes of memory that may wait for their commit. A write beyond is refused as
    /// ``StorageError/unavailable(_:)``.
    static let waitingBytesMax = 128 << 20

    let core: LogCore
    /// Of all data, not of the logs alone; nil in memory.
    let directory: String?
    private let ingest: LogIngest
    let writes: GroupedWrites<LogSegment>
    /// Held until the store is closed; nil in memory.
    private let lock: DirectoryLock?

    /// Opens the logs of `directory`, which is there, and locks them against other processes.
    ///
    /// `damaged` is told once about each part that cannot be read back; answers go on without it.
    package static func open(
        directory: String, damaged: @escaping @Sendable (String) -> Void = { _ in },
        upgraded: (String) -> Void = { _ in }
    ) throws(StorageError) -> SQLiteLogStore {
        let (database, lock) = try LogStoreFile.open(directory: directory, upgraded: upgraded)
        do throws(StorageError) {
            return try SQLiteLogStore(
                database: database, lock: lock, directory: directory, damaged: damaged)
        } catch {
            throw .cannotOpen(path: directory, reason: "\(error)")
        }
    }

    /// The same engine without a file. What it holds is gone with it.
    package static func inMemory() throws(StorageError) -> SQLiteLogStore {
        try SQLiteLogStore(database: try LogStoreFile.inMemory(), lock: nil)
    }

    init(
        database: any DatabaseWriter, lock: DirectoryLock?, directory: String? = nil, room: DiskRoom? = nil,
        damaged: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StorageError) {
        let room = room ?? DiskRoom(directory: directory)
        let damage = DamageReport(of: "log ", damaged)
        let core = LogCore(
            database: database, view: try LogLoader.load(database, damage: damage), damage: damage)
        let ingest = LogIngest(core: core)
        self.core = core
        self.ingest = ingest
        self.lock = lock
        self.directory = directory
        writes = GroupedWrites(
            label: "contrail.storage.logs.writer", bytesMax: Self.waitingBytesMax
        ) { (segments) throws(StorageError) in
            try room.require()
            try ingest.commit(segments)
        }
    }

    package func write(_ batch: [ResourceLogs]) async throws(StorageError) {
        let segment = LogSegment(batch)
        guard segment.byteCount <= LogSegment.bytesMax else { throw .tooLarge(limit: LogSegment.bytesMax) }
        // Nothing to keep, but a closed store says so.
        guard segment.recordCount > 0 else { return try core.requireOpen() }
        try await writes.write(segment, byteCount: segment.heldBytes)
    }

    package func logs(matching query: LogQuery) async throws(StorageError) -> LogPage {
        // Before anything is read.
        _ = try LogTest(query)
        let core = core
        return try await core.read { (database, view, asker) throws(StorageError) in
            try LogSearch.page(
                of: query, view: view, reader: LogBlockReader(core: core, database: database, asker: asker))
        }
    }

    package func logs(
        ofTrace id: TraceID, limit: Int
    ) async throws(StorageError) -> TraceLogExcerpt {
        let core = core
        return try await core.read { (database, view, asker) throws(StorageError) in
            try LogSearch.trace(
                id, limit: limit, view: view,
                reader: LogBlockReader(core: core, database: database, asker: asker))
        }
    }

    /// See ``seal(waitingSince:)``.
    func sealJournal(waitingSince time: UInt64) async throws(StorageError) {
        try await writes.between { [ingest] () throws(StorageError) in try ingest.seal(waitingSince: time) }
    }

    package func close() async {
        await core.endReads()
        await writes.close { [core, lock] in
            core.end()
            lock?.release()
        }
    }
}

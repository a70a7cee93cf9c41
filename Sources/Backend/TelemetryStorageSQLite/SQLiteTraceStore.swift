// SPDX-License-Identifier: Apache-2.0

import GRDB
package import TelemetryModel
package import TelemetryStorage

/// Traces in one SQLite file of a data directory, or the same with nothing on disk.
///
/// A request is written to a journal with its `COMMIT` synced before `write` returns, many requests a
/// commit when they come together, and is kept in memory beside it. Full memory becomes a block: see
/// `docs/decisions/004-trace-store.md`.
package final class SQLiteTraceStore: TelemetryStore {
    let core: StoreCore
    /// Nil in memory.
    let directory: String?
    private let writer: GroupCommit
    /// Held until the store is closed; nil in memory.
    private let lock: DirectoryLock?

    /// Opens the store of `directory`, makes it where there is none, and locks it against other processes.
    ///
    /// `damaged` is told once about each part that cannot be read back. Answers go on without it; a trace of
    /// which nothing else is left is ``StorageError/damaged(_:)``.
    package static func open(
        directory: String, damaged: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StorageError) -> SQLiteTraceStore {
        let (database, lock) = try StoreFile.open(directory: directory)
        do throws(StorageError) {
            return try SQLiteTraceStore(
                database: database, lock: lock, directory: directory, damaged: damaged)
        } catch {
            // What cannot be read at the start would be missing from every answer.
            throw .cannotOpen(path: directory, reason: "\(error)")
        }
    }

    /// The same engine without a file. What it holds is gone with it.
    package static func inMemory() throws(StorageError) -> SQLiteTraceStore {
        try SQLiteTraceStore(database: try StoreFile.inMemory(), lock: nil)
    }

    init(
        database: any DatabaseWriter, lock: DirectoryLock?, directory: String? = nil,
        damaged: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StorageError) {
        let damage = DamageReport(damaged)
        let (state, ingest) = try StoreLoader.load(database, damage: damage)
        core = StoreCore(database: database, state: state, damage: damage)
        writer = GroupCommit(core: core, ingest: ingest)
        self.lock = lock
        self.directory = directory
    }

    package func write(_ batch: [ResourceSpans]) async throws(StorageError) {
        let segment = SegmentBuilder.segment(of: batch)
        guard segment.storedByteCount <= Segment.bytesMax else {
            throw .tooLarge(limit: Segment.bytesMax)
        }
        try await writer.write(segment)
    }

    package func services() async throws(StorageError) -> [String] {
        try core.whenOpen { $0.operations.services }
    }

    package func operations(ofService service: String) async throws(StorageError) -> [Operation] {
        try core.whenOpen { $0.operations.operations(ofService: service) }
    }

    package func traces(matching query: TraceQuery) async throws(StorageError) -> TracePage {
        let cursor: TraceOrder? = if let text = query.cursor { try TraceOrder(cursor: text) } else { nil }
        let core = core
        return try await core.read(prepare: { state in
            (
                state.view,
                state.operations.numbers(service: query.service, operation: query.operation)
            )
        }) { (database, prepared) throws(StorageError) in
            var search = TraceSearch(
                query: query, cursor: cursor, view: prepared.0, operations: prepared.1,
                reader: BlockReader(core: core, database: database))
            return try search.page()
        }
    }

    package func trace(_ id: TraceID) async throws(StorageError) -> [ResourceSpans]? {
        let core = core
        return try await core.read(prepare: { $0.segments }) { (database, segments) throws(StorageError) in
            var walk = TraceWalk(
                segments: segments, reader: BlockReader(core: core, database: database), only: id)
            return try walk.trace(id)
        }
    }

    package func close() async {
        await writer.close()
        await core.close()
        lock?.release()
    }
}

// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization
package import TelemetryModel
package import TelemetryStorage

/// Traces in one SQLite file of a data directory, or the same with nothing on disk.
///
/// A request is written to a journal with its `COMMIT` synced before `write` returns, many requests a
/// commit when they come together, and is decoded into the active block beside it. A full one is sealed: see
/// `docs/decisions/010-columns.md`.
package final class SQLiteTraceStore: TelemetryStore {
    let core: StoreCore
    /// Nil in memory.
    let directory: String?
    let writes: GroupedWrites<EncodedSpans>
    private let sealing: @Sendable (UInt64) throws(StorageError) -> Void
    /// Held until the store is closed; nil in memory.
    private let lock: DirectoryLock?

    /// Opens the store of `directory`, makes it where there is none, and locks it against other processes.
    ///
    /// `damaged` is told once about each part that cannot be read back. Answers go on without it; a trace of
    /// which nothing else is left is ``StorageError/damaged(_:)``.
    package static func open(
        directory: String, damaged: @escaping @Sendable (String) -> Void = { _ in },
        upgraded: (String) -> Void = { _ in }
    ) throws(StorageError) -> SQLiteTraceStore {
        let (database, lock) = try StoreFile.open(directory: directory, upgraded: upgraded)
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
        spansPerBlock: Int = BlockEncoder.spansPerBlock, room: DiskRoom? = nil,
        damaged: @escaping @Sendable (String) -> Void = { _ in }
    ) throws(StorageError) {
        let room = room ?? DiskRoom(directory: directory)
        let damage = DamageReport(damaged)
        let (state, ingest) = try StoreLoader.load(
            database, damage: damage, spansPerBlock: spansPerBlock)
        core = StoreCore(database: database, state: state, damage: damage)
        let own = IngestOwner(ingest)
        sealing = { [core] (time) throws(StorageError) in
            try own.ingest.withLock { (ingest) throws(StorageError) in
                try ingest.seal(waitingSince: time, to: core)
            }
        }
        writes = GroupedWrites(
            label: "contrail.storage.writer", bytesMax: Self.waitingBytesMax
        ) { [core] (requests) throws(StorageError) in
            try room.require()
            try own.ingest.withLock { (ingest) throws(StorageError) in try ingest.commit(requests, to: core) }
        }
        self.lock = lock
        self.directory = directory
    }

    /// Bytes of requests that may wait for their commit. A write beyond is refused as
    /// ``StorageError/unavailable(_:)``.
    private static let waitingBytesMax = 128 << 20

    /// Bytes of one request: twice the largest that is received. SQLite keeps no value above 10^9 bytes; with
    /// this limit none comes near.
    static let requestBytesMax = 128 << 20

    package func write(_ spans: EncodedSpans) async throws(StorageError) {
        guard spans.bytes.count <= Self.requestBytesMax else {
            throw .tooLarge(limit: Self.requestBytesMax)
        }
        // Nothing to keep, but a closed store says so.
        guard spans.spanCount > 0 else { return try core.whenOpen { _ in } }
        try await writes.write(spans, byteCount: spans.bytes.count)
    }

    package func services() async throws(StorageError) -> [String] {
        try core.whenOpen { $0.operations.services }
    }

    package func operations(ofService service: String) async throws(StorageError) -> [Operation] {
        try core.whenOpen { $0.operations.operations(ofService: service) }
    }

    package func attributeKeys(
        matching query: AttributeKeyQuery
    ) async throws(StorageError) -> AttributeKeyList {
        let core = core
        return try await core.read(prepare: { $0.view }) { (database, view, asker) throws(StorageError) in
            try AttributeCatalog(
                view: view, index: core.attributeKeys,
                reader: BlockReader(core: core, view: view, database: database, asker: asker)
            ).keys(query)
        }
    }

    package func attributeValues(
        matching query: AttributeValueQuery
    ) async throws(StorageError) -> AttributeValueList {
        let core = core
        return try await core.read(prepare: { $0.view }) { (database, view, asker) throws(StorageError) in
            try AttributeCatalog(
                view: view, index: core.attributeKeys,
                reader: BlockReader(core: core, view: view, database: database, asker: asker)
            ).values(query)
        }
    }

    package func traces(matching query: TraceQuery) async throws(StorageError) -> TracePage {
        let cursor: TraceOrder? = if let text = query.cursor { try TraceOrder(cursor: text) } else { nil }
        let core = core
        return try await core.read(prepare: { state in
            (
                state.view,
                state.operations.numbers(service: query.service, operation: query.operation)
            )
        }) { (database, prepared, asker) throws(StorageError) in
            var search = TraceSearch(
                query: query, cursor: cursor, view: prepared.0, operations: prepared.1,
                reader: BlockReader(core: core, view: prepared.0, database: database, asker: asker))
            return try search.page()
        }
    }

    package func trace(
        _ id: TraceID, spans: Range<Int>
    ) async throws(StorageError) -> TraceExcerpt? {
        let core = core
        return try await core.read(prepare: { $0.view }) { (database, view, asker) throws(StorageError) in
            var walk = TraceWalk(
                view: view, reader: BlockReader(core: core, view: view, database: database, asker: asker),
                only: id)
            return try walk.trace(id, spans: spans)
        }
    }

    package func close() async {
        await writes.close {}
        await core.close()
        lock?.release()
    }

    /// See ``seal(waitingSince:)``.
    func sealJournal(waitingSince time: UInt64) async throws(StorageError) {
        try await writes.between { [sealing] () throws(StorageError) in try sealing(time) }
    }
}

/// For two closures.
private final class IngestOwner: Sendable {
    let ingest: Mutex<Ingest>

    init(_ ingest: sending Ingest) { self.ingest = Mutex(ingest) }
}

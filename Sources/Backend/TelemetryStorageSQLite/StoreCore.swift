// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization
import TelemetryStorage

/// What all parts of an open store share: the database, and what is known without asking it.
final class StoreCore: Sendable {
    /// Changed only after the `COMMIT` that made the change durable, but for the active block's last rows.
    struct State: Sendable {
        var operations = OperationTable()
        /// What is in the journal and in no block. Rows that are not committed yet are shown to nobody.
        var active = ActiveBlock()
        /// By number.
        var blocks: [BlockInfo] = []
        var isClosed = false
        var readsUnderWay = 0
        /// True when the file has been let go of.
        var hasEnded = false
        /// Resumed then.
        var waitForEnd: [CheckedContinuation<Void, Never>] = []
        /// Resumed when the last read has left a closed store.
        var lastReader: CheckedContinuation<Void, Never>?

        var view: View { View(active: active, blocks: blocks, operations: operations.keys) }
    }

    /// What a question works on besides the database.
    struct View: Sendable {
        var active: ActiveBlock
        var blocks: [BlockInfo]
        /// By number. Those of the active block's last rows may be missing.
        var operations: [OperationKey]
    }

    let database: any DatabaseWriter
    let cache = PartCache()
    let attributeKeys = AttributeKeyIndex()
    let damage: DamageReport
    private let state: Mutex<State>

    init(database: any DatabaseWriter, state: State, damage: DamageReport) {
        self.database = database
        self.damage = damage
        self.state = Mutex(state)
    }

    func withState<T: Sendable, E: Error>(
        _ body: (inout sending State) throws(E) -> sending T
    ) throws(E) -> T {
        try state.withLock(body)
    }

    /// For questions that the state alone answers.
    func whenOpen<T: Sendable>(_ body: (borrowing State) -> T) throws(StorageError) -> T {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            return body(state)
        }
    }

    /// Runs `body` on one of the database's reading threads, in a transaction that sees one moment.
    /// `prepare` runs before that moment: what the state has, the database then has too (perhaps more, and
    /// some spans twice).
    func read<Prepared: Sendable, T: Sendable>(
        prepare: (borrowing State) -> Prepared,
        _ body: @escaping @Sendable (Database, Prepared, Asker) throws(StorageError) -> T
    ) async throws(StorageError) -> T {
        let prepared = try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            state.readsUnderWay += 1
            return prepare(state)
        }
        defer { leaveRead() }
        return try await database.answer { (database, asker) throws(StorageError) in
            try body(database, prepared, asker)
        }
    }

    private func leaveRead() {
        let waiting = state.withLock { state in
            state.readsUnderWay -= 1
            guard state.readsUnderWay == 0 else { return nil as CheckedContinuation<Void, Never>? }
            defer { state.lastReader = nil }
            return state.lastReader
        }
        waiting?.resume()
    }

    /// Lets the reads under way finish, then lets go of the file. Whoever calls it again meanwhile waits for
    /// that too: the directory's lock must outlast the use of the file.
    func close() async {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return await end() }
        await withCheckedContinuation { continuation in
            let idle = state.withLock { state in
                if state.readsUnderWay == 0 { return true }
                state.lastReader = continuation
                return false
            }
            if idle { continuation.resume() }
        }
        await withCheckedContinuation { continuation in
            // Whoever then copies the one file has everything. Safe to fail: the log is read at the next start.
            database.asyncWriteWithoutTransaction { database in
                _ = try? database.checkpoint(.truncate)
                continuation.resume()
            }
        }
        StoreFile.close(database)
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waitForEnd = [] }
            return state.waitForEnd
        }
        for continuation in waiting { continuation.resume() }
    }

    private func end() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waitForEnd.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}

extension StorageError {
    /// An error of SQLite while reading or writing.
    init(sqlite error: any Error) {
        if let error = error as? StorageError {
            self = error
        } else if let error = error as? DatabaseError {
            self.init(error)
        } else if error is RowDecodingError {
            self = .damaged("a row")
        } else {
            self = .failed("\(error)")
        }
    }

    /// Only what may heal by itself is worth another try: senders repeat a request that is
    /// ``unavailable(_:)`` for minutes.
    private init(_ error: DatabaseError) {
        switch error.resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_NOMEM, .SQLITE_CANTOPEN,
            .SQLITE_PROTOCOL, .SQLITE_INTERRUPT:
            self = .unavailable(error.reason)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(error.reason)
        case .SQLITE_MISUSE: self = .closed
        default: self = .failed(error.reason)
        }
    }
}

extension DatabaseError {
    /// SQLite's words without the statement and its values.
    fileprivate var reason: String {
        "\(message ?? "no message") (SQLite code \(extendedResultCode.rawValue))"
    }
}

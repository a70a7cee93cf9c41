// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import Synchronization
import TelemetryStorage

/// What all parts of an open store of logs share: the database, and what is known without asking it.
final class LogCore: Sendable {
    /// How much waits in the journal.
    struct Weight: Sendable {
        private var records = 0
        private var bytes = 0

        mutating func add(_ segment: LogSegment) {
            records += segment.recordCount
            bytes += segment.byteCount
        }

        var isEnoughForBlock: Bool {
            records >= LogBlockBuilder.recordsPerBlock || bytes >= LogBlockBuilder.bytesPerBlock
        }
    }

    /// What a question works on besides the database. Blocks never change, so it stays true.
    struct View: Sendable {
        /// What is in the journal and in no block, oldest first.
        var segments: [ActiveLogs] = []
        var journal = Weight()
        /// When the first row of the journal was written, nanoseconds since 1970 UTC; nil for an empty one.
        var journalSince: UInt64?
        /// By number.
        var blocks: [LogBlockInfo] = []
        /// Number of the next record.
        var nextRecord: Int64 = 1
        var nextBlock: Int64 = 1
    }

    private struct State {
        var view: View
        var isClosed = false
        var hasEnded = false
        var readsUnderWay = 0
        /// Resumed when the last read has left a closed store.
        var waitForReads: [CheckedContinuation<Void, Never>] = []
    }

    let database: any DatabaseWriter
    let damage: DamageReport
    private let state: Mutex<State>

    init(database: any DatabaseWriter, view: View, damage: DamageReport) {
        self.database = database
        self.damage = damage
        state = Mutex(State(view: view))
    }

    var view: View { state.withLock { $0.view } }

    /// Changed on the thread of the commits, after the `COMMIT` that made the change durable; what is deleted leaves
    /// it before it leaves the file.
    func withView<T: Sendable>(_ body: (inout View) -> T) -> T { state.withLock { body(&$0.view) } }

    /// Runs `body` on one of the database's reading threads.
    func read<T: Sendable>(
        _ body: @escaping @Sendable (Database, View, Asker) throws(StorageError) -> T
    ) async throws(StorageError) -> T {
        let view = try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
            state.readsUnderWay += 1
            return state.view
        }
        defer { leaveRead() }
        return try await database.answer { (database, asker) throws(StorageError) in
            try body(database, view, asker)
        }
    }

    func requireOpen() throws(StorageError) {
        try state.withLock { (state) throws(StorageError) in
            guard !state.isClosed else { throw .closed }
        }
    }

    private func leaveRead() {
        let waiting = state.withLock { state in
            state.readsUnderWay -= 1
            guard state.readsUnderWay == 0 else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waitForReads = [] }
            return state.waitForReads
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Refuses questions from now on, and returns when those under way have their answers.
    func endReads() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.readsUnderWay > 0 { state.waitForReads.append(continuation) }
                return state.readsUnderWay == 0
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Lets go of the file, when no read is under way: GRDB does not guard its readers against it. Doing it again
    /// does nothing: SQLite would be asked through a connection that is gone.
    func end() {
        let isFirst = state.withLock { state in
            defer { state.hasEnded = true }
            return !state.hasEnded
        }
        guard isFirst else { return }
        // Whoever then copies the one file has everything. Safe to fail: the log is read at the next start.
        try? database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        StoreFile.close(database)
    }
}

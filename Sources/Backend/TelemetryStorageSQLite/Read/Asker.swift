// SPDX-License-Identifier: Apache-2.0

import GRDB
import Synchronization
import TelemetryStorage

/// Who waits for the answer of one question: readers ask between two parts of a block whether anybody still does, so
/// that what nobody waits for keeps none of the few reading threads from others.
final class Asker: Sendable {
    private let hasLeft = Atomic(false)

    func leave() { hasLeft.store(true, ordering: .relaxed) }

    func requirePresence() throws(StorageError) {
        if hasLeft.load(ordering: .relaxed) { throw .cancelled }
    }
}

extension DatabaseWriter {
    /// Runs `body` on one of the reading threads, in a transaction that sees one moment. The asker leaves when the task
    /// is cancelled.
    func answer<T: Sendable>(
        _ body: @escaping @Sendable (Database, Asker) throws(StorageError) -> T
    ) async throws(StorageError) -> T {
        let asker = Asker()
        let result: Result<T, StorageError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                asyncRead { access in
                    continuation.resume(
                        returning: Result { () throws(StorageError) in
                            // Those that waited for a thread in vain end here.
                            try asker.requirePresence()
                            return switch access {
                            case .success(let database): try body(database, asker)
                            case .failure(let error): throw StorageError(sqlite: error)
                            }
                        })
                }
            }
        } onCancel: {
            asker.leave()
        }
        return try result.get()
    }
}

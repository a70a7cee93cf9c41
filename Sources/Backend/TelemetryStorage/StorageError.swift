// SPDX-License-Identifier: Apache-2.0

/// Why a store did not do what it was asked. Messages name the thing and the place, and never contain
/// stored data.
package enum StorageError: Error, Hashable {
    /// ``TelemetryStore/close()`` was called before.
    case closed
    /// Not now; trying again later may succeed (full disk, locked file).
    case unavailable(String)
    /// The request would take more than `limit` bytes in the store. The same request never succeeds.
    case tooLarge(limit: Int)
    /// The data directory cannot be opened or made: why, and what to do.
    case cannotOpen(path: String, reason: String)
    /// Written by a newer version of this program.
    case newerSchema(path: String, found: Int, supported: Int)
    /// What was read back makes no sense.
    case damaged(String)
    /// Failed in a way that does not heal by itself (a file that became read-only).
    case failed(String)
    /// The cursor of a query was not made by this store.
    case badCursor
    /// The task that asked was cancelled: nobody waits for the answer.
    case cancelled
}

extension StorageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .closed: "the store is closed"
        case .unavailable(let reason): "the store is not available now: \(reason)"
        case .tooLarge(let limit):
            "the request would take more than \(limit) bytes in the store, the most for one; "
                + "send smaller batches"
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .newerSchema(let path, let found, let supported):
            "\(path) has schema \(found); this version of contrail reads up to \(supported). "
                + "Use a newer contrail, or another --data-dir."
        case .damaged(let what): "damaged data: \(what)"
        case .failed(let reason): "the store failed: \(reason)"
        case .badCursor: "the page cursor is not valid"
        case .cancelled: "the question was given up"
        }
    }
}

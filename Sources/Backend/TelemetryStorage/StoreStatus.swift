// SPDX-License-Identifier: Apache-2.0

/// What a store tells about itself to whoever operates it. Nil where an engine does not know or does not have
/// the thing.
package struct StoreStatus: Hashable, Sendable {
    /// Where the data lies; nil for memory.
    package var directory: String?
    /// Spans that are stored.
    package var spanCount: Int?
    /// Sealed blocks, without the damaged ones.
    package var blockCount: Int?
    /// Spans that are acknowledged and in no block yet.
    package var journalSpanCount: Int?
    /// Bytes of those.
    package var journalBytes: Int?
    /// Bytes that all files of the store take.
    package var diskBytes: Int?
    /// Bytes that its file system has left for this user.
    package var diskFreeBytes: Int?
    /// What retention has deleted since the start.
    package var deletedSpanCount = 0
    package var deletedLogRecordCount = 0
    /// Blocks, and rows of the journal, that cannot be read and are missing from all answers.
    package var damagedBlockCount = 0
    /// All damage that was met since the start, in words, oldest first; at most some thousand.
    package var damages: [String] = []

    package init() {}
}

/// The same of a store of logs, which lies beside one of traces.
package struct LogStoreStatus: Hashable, Sendable {
    /// Bytes that all files of the store take; nil in memory.
    package var diskBytes: Int?
    /// Blocks, and rows of the journal, that cannot be read and are missing from all answers.
    package var damagedBlockCount = 0
    /// All damage that was met since the start, in words, oldest first; at most some thousand.
    package var damages: [String] = []

    package init() {}
}

extension StoreStatus {
    /// Counts what the store of logs beside it takes, and names what of that is damaged.
    package mutating func add(_ logs: LogStoreStatus) {
        if let bytes = logs.diskBytes { diskBytes = (diskBytes ?? 0) + bytes }
        damagedBlockCount += logs.damagedBlockCount
        damages += logs.damages
    }
}

extension LogStore {
    /// For stores of which nothing is to be told.
    package func status() async throws(StorageError) -> LogStoreStatus { LogStoreStatus() }
}

extension TelemetryStore {
    /// For stores of which nothing is to be told.
    package func status() async throws(StorageError) -> StoreStatus { StoreStatus() }
}

// SPDX-License-Identifier: Apache-2.0

package import TelemetryStorage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SQLiteTraceStore {
    package func status() async throws(StorageError) -> StoreStatus {
        var status = try core.whenOpen { state in
            var status = StoreStatus()
            status.blockCount = state.blocks.count
            status.journalSpanCount = state.active.committedCount
            status.journalBytes = state.active.requestBytes
            return status
        }
        let damage = core.damage.summary
        status.damagedBlockCount = damage.blockCount
        status.damages = damage.said
        status.directory = directory
        status.spanCount = try await core.read(prepare: { $0.active.committedCount }) {
            (database, waiting) throws(StorageError) in
            do {
                return try StoredTable.itemCount(in: database).map { $0 + waiting }
            } catch {
                throw StorageError(sqlite: error)
            }
        }
        guard let directory else { return status }
        status.diskBytes = FileBytes.taken(by: directory + "/" + StoreFile.name)
        status.diskFreeBytes = Self.bytesFree(in: directory)
        return status
    }

    private static func bytesFree(in directory: String) -> Int? {
        var facts = statvfs()
        guard statvfs(directory, &facts) == 0 else { return nil }
        let (bytes, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }
}

extension SQLiteLogStore {
    package func status() async throws(StorageError) -> LogStoreStatus {
        try core.requireOpen()
        var status = LogStoreStatus()
        status.damages = core.damage.summary.said
        if let directory {
            status.diskBytes = FileBytes.taken(
                by: directory + "/" + LogStoreFile.directoryName + "/" + LogStoreFile.name)
        }
        return status
    }
}

private enum FileBytes {
    /// By a database file and what SQLite puts beside it; a file that is not there takes nothing.
    static func taken(by path: String) -> Int {
        ["", "-wal", "-shm"].reduce(0) { sum, suffix in
            var facts = stat()
            guard stat(path + suffix, &facts) == 0 else { return sum }
            // Blocks of 512 bytes, whatever the file system's own are (POSIX, `st_blocks`).
            return sum + Int(facts.st_blocks) * 512
        }
    }
}

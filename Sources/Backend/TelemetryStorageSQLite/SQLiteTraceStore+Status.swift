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
    // Asks nothing of the database: whoever watches contrail must not wait behind slow questions.
    package func status() async throws(StorageError) -> StoreStatus {
        var status = try core.whenOpen { state in
            var status = StoreStatus()
            status.blockCount = state.blocks.count
            status.journalSpanCount = state.active.committedCount
            status.journalBytes = state.active.requestBytes
            status.spanCount = state.spanCount
            return status
        }
        let damage = core.damage.summary
        status.damagedBlockCount = damage.partCount
        status.damages = damage.said
        status.directory = directory
        guard let directory else { return status }
        status.diskBytes = FileBytes.taken(by: directory + "/" + StoreFile.name)
        status.diskFreeBytes = DiskRoom.bytesFree(in: directory)
        return status
    }
}

extension StoreCore.State {
    /// Of blocks and journal; nil when a block is from before they were counted.
    fileprivate var spanCount: Int? {
        blocks.reduce(active.committedCount) { sum, block in
            sum.flatMap { sum in block.spanCount.map { sum + $0 } }
        }
    }
}

extension SQLiteLogStore {
    package func status() async throws(StorageError) -> LogStoreStatus {
        try core.requireOpen()
        var status = LogStoreStatus()
        let damage = core.damage.summary
        status.damagedBlockCount = damage.partCount
        status.damages = damage.said
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

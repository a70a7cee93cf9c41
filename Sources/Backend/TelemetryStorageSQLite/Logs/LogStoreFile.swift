// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Opens the database file of logs, or says why not.
enum LogStoreFile {
    /// Within the data directory: a directory of its own, so that traces and logs are written, copied and
    /// deleted without each other.
    static let directoryName = "logs"
    static let name = "logs.sqlite"

    /// Connections that read at the same time. Further questions wait their turn.
    private static let readersMax = 4

    /// In a data directory that is there.
    static func open(
        directory: String, upgraded: (String) -> Void = { _ in }
    ) throws(StorageError) -> (any DatabaseWriter, DirectoryLock) {
        let directory = directory + "/" + directoryName
        guard mkdir(directory, 0o700) == 0 || errno == EEXIST else {
            throw .cannotOpen(
                path: directory, reason: "the directory cannot be made: \(String(cString: strerror(errno)))")
        }
        let lock = try DirectoryLock(directory: directory)
        let path = directory + "/" + name
        // SQLite would make the file readable for everybody whom the umask lets.
        let descriptor = Foundation.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        _ = close(descriptor)
        do {
            var configuration = Configuration()
            configuration.maximumReaderCount = readersMax
            configuration.label = "contrail.storage.logs"
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                // GRDB sets NORMAL for WAL, which may lose acknowledged requests when the power fails.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
            }
            try LogSchema.upgrade.prepare(pool, path: path, upgraded: upgraded)
            return (pool, lock)
        } catch let error as StorageError {
            throw error
        } catch {
            throw .cannotOpen(path: path, reason: "\(StorageError(sqlite: error))")
        }
    }

    static func inMemory() throws(StorageError) -> any DatabaseWriter {
        do {
            let queue = try DatabaseQueue()
            try LogSchema.upgrade.prepare(queue, path: ":memory:")
            return queue
        } catch {
            throw .cannotOpen(path: ":memory:", reason: "\(StorageError(sqlite: error))")
        }
    }
}

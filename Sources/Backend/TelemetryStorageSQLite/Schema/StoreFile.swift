// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Opens the database file of a data directory, or says why not.
enum StoreFile {
    /// The file within the data directory; SQLite puts `-wal` and `-shm` beside it.
    static let name = "contrail.sqlite"

    /// Connections that read at the same time. Further questions wait their turn.
    private static let readersMax = 4

    static func open(
        directory: String, upgraded: (String) -> Void = { _ in }
    ) throws(StorageError) -> (any DatabaseWriter, DirectoryLock) {
        try makeDirectories(directory)
        let lock = try DirectoryLock(directory: directory)
        let path = directory + "/" + name
        try makePrivate(path)
        do {
            var configuration = Configuration()
            configuration.maximumReaderCount = readersMax
            configuration.label = "contrail.storage"
            let pool = try DatabasePool(path: path, configuration: configuration)
            try pool.writeWithoutTransaction { database in
                // GRDB sets NORMAL for WAL, which may lose acknowledged requests when the power fails.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
            }
            try StoreSchema.upgrade.prepare(pool, path: path, upgraded: upgraded)
            return (pool, lock)
        } catch let error as StorageError {
            throw error
        } catch {
            throw .cannotOpen(path: path, reason: reason(of: error))
        }
    }

    /// Makes the directory and those above it that are missing, for this user alone.
    // Foundation's own tells "NSCocoaErrorDomain error 512" and keeps the reason to itself.
    private static func makeDirectories(_ path: String) throws(StorageError) {
        if mkdir(path, 0o700) == 0 { return }
        var code = errno
        if code == ENOENT, let slash = path.dropLast().lastIndex(of: "/"), slash != path.startIndex {
            try makeDirectories(String(path[..<slash]))
            if mkdir(path, 0o700) == 0 { return }
            code = errno
        }
        var status = stat()
        if code == EEXIST, stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { return }
            code = ENOTDIR
        }
        throw .cannotOpen(
            path: path, reason: "the directory cannot be made: \(String(cString: strerror(code)))")
    }

    /// SQLite would make the file readable for everybody whom the umask lets; `-wal` and `-shm` get the
    /// permissions of the file.
    private static func makePrivate(_ path: String) throws(StorageError) {
        let descriptor = Foundation.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .cannotOpen(path: path, reason: String(cString: strerror(errno)))
        }
        _ = Foundation.close(descriptor)
    }

    /// Lets go of a database of traces or logs, so that the file alone has everything and stands alone.
    static func close(_ database: any DatabaseWriter) {
        // Safe to ignore: everything acknowledged is durable without it.
        guard (try? database.close()) != nil, let pool = database as? DatabasePool else { return }
        // The last connection of a pool may be one that only reads, with which SQLite leaves `-wal` and `-shm` behind.
        // One more that writes takes them away, unless somebody else has the file open.
        guard let last = try? DatabaseQueue(path: pool.path) else { return }
        _ = try? last.writeWithoutTransaction {
            try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema")
        }
        try? last.close()
    }

    static func inMemory() throws(StorageError) -> any DatabaseWriter {
        do {
            let queue = try DatabaseQueue()
            try StoreSchema.upgrade.prepare(queue, path: ":memory:")
            return queue
        } catch {
            throw .cannotOpen(path: ":memory:", reason: reason(of: error))
        }
    }

    private static func reason(of error: any Error) -> String {
        guard let error = error as? DatabaseError else { return error.localizedDescription }
        switch error.resultCode {
        case .SQLITE_NOTADB: return "it is not a database. Use another --data-dir."
        default: return "\(error.message ?? "no message") (SQLite code \(error.extendedResultCode.rawValue))"
        }
    }
}

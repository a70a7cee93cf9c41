// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
import TelemetryStorage

/// Looks at what a file is: makes the tables in a new one, brings one of an older version to this one behind a copy,
/// refuses one of someone else or of a newer version. The same for traces and logs.
struct SchemaUpgrade: Sendable {
    /// `PRAGMA application_id`.
    let applicationID: Int
    /// `PRAGMA user_version` of this program.
    let version: Int
    /// Makes the tables of this version.
    let create: [String]
    /// By the version from which they lead to the next.
    let steps: [Int: [String]]

    /// `upgraded` is told which version was brought to which, and where the copy is.
    func prepare(
        _ database: any DatabaseWriter, path: String, upgraded: (String) -> Void = { _ in }
    ) throws {
        let (application, found, isEmpty) = try database.writeWithoutTransaction { database in
            (
                try Int.fetchOne(database, sql: "PRAGMA application_id") ?? 0,
                try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0,
                try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
            )
        }
        if isEmpty && found == 0 && application == 0 {
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA auto_vacuum = \(Self.incremental)")
                // A file in which nothing was written yet takes it over with that.
                try database.execute(sql: "VACUUM")
                try database.inTransaction(.immediate) {
                    for statement in create { try database.execute(sql: statement) }
                    try database.execute(sql: "PRAGMA application_id = \(applicationID)")
                    try database.execute(sql: "PRAGMA user_version = \(version)")
                    return .commit
                }
            }
            return
        }
        guard application == applicationID else {
            throw StorageError.cannotOpen(
                path: path, reason: "it is an SQLite database of another program. Use another --data-dir.")
        }
        guard found <= version else {
            throw StorageError.newerSchema(path: path, found: found, supported: version)
        }
        guard found < version else {
            // An upgrade that broke off behind its commit.
            try keepRoomReturnable(database, path: path, told: upgraded)
            return
        }
        guard (found..<version).allSatisfy({ steps[$0] != nil }) else {
            throw StorageError.cannotOpen(
                path: path,
                reason:
                    "it has schema \(found), of which this version of contrail reads nothing. "
                    + "Use another --data-dir, or the contrail that wrote it.")
        }
        let copy = try upgrade(database, path: path, from: found)
        upgraded(
            "\(path) was brought from schema \(found) to \(version); the file as it was is \(copy), and can be "
                + "deleted when everything is found")
        try keepRoomReturnable(database, path: path, told: upgraded)
    }

    /// Gives the path of the copy.
    private func upgrade(
        _ database: any DatabaseWriter, path: String, from found: Int
    ) throws -> String {
        let copy = path + ".schema-\(found).backup"
        try Self.copy(database, to: copy)
        try database.writeWithoutTransaction { database in
            // All or nothing: after a crash it is begun anew.
            try database.inTransaction(.immediate) {
                for step in found..<version {
                    for statement in steps[step] ?? [] { try database.execute(sql: statement) }
                }
                try database.execute(sql: "PRAGMA user_version = \(version)")
                return .commit
            }
        }
        return copy
    }

    /// Lets what is deleted shorten the file, which is written anew for that once. Without the room for it everything
    /// else works: it is told, and tried again at the next start.
    private func keepRoomReturnable(
        _ database: any DatabaseWriter, path: String, told: (String) -> Void
    ) throws {
        let isDone = try database.writeWithoutTransaction { database in
            try Int.fetchOne(database, sql: "PRAGMA auto_vacuum") == Self.incremental
        }
        guard !isDone else { return }
        do {
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA auto_vacuum = \(Self.incremental)")
                try database.execute(sql: "VACUUM")
            }
        } catch {
            told(
                "\(path) does not become shorter by what is deleted until it was written anew, which failed "
                    + "(\(StorageError(sqlite: error))); it takes \(Self.bytes(of: database)) bytes on the disk and "
                    + "is tried again at the next start")
        }
    }

    private static let incremental = 2

    /// What a copy of the file takes at most.
    private static func bytes(of database: any DatabaseWriter) -> Int {
        let bytes = try? database.writeWithoutTransaction { database in
            let pages = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
            return try pages * (Int.fetchOne(database, sql: "PRAGMA page_size") ?? 0)
        }
        return bytes ?? 0
    }

    /// A whole copy, durable before anything else happens.
    private static func copy(_ database: any DatabaseWriter, to path: String) throws {
        let part = path + ".part"
        unlink(part)
        // SQLite would make it readable for everybody whom the umask lets.
        let descriptor = open(part, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path, of: database, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        do {
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "VACUUM INTO ?", arguments: [part])
            }
        } catch {
            unlink(part)
            throw failure(path, of: database, "\(StorageError(sqlite: error))")
        }
        guard fsync(descriptor) == 0, rename(part, path) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(part)
            throw failure(path, of: database, reason)
        }
    }

    private static func failure(
        _ path: String, of database: any DatabaseWriter, _ reason: String
    ) -> StorageError {
        .cannotOpen(
            path: path,
            reason: "the copy before the upgrade, \(path), cannot be made: \(reason). It takes up to "
                + "\(bytes(of: database)) bytes, and the upgrade as much again for a moment; nothing was changed"
        )
    }
}

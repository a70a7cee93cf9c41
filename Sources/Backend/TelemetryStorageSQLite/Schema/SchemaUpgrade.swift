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
                try Self.keepRoomReturnable(database)
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
        guard found < version else { return }
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
            try Self.keepRoomReturnable(database)
        }
        return copy
    }

    /// Lets what is deleted shorten the file. For a new file at once, for others by writing them anew.
    private static func keepRoomReturnable(_ database: Database) throws {
        let incremental = 2
        guard try Int.fetchOne(database, sql: "PRAGMA auto_vacuum") != incremental else { return }
        try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
        try database.execute(sql: "VACUUM")
    }

    /// A whole copy, durable before anything else happens.
    private static func copy(_ database: any DatabaseWriter, to path: String) throws {
        let part = path + ".part"
        unlink(part)
        // SQLite would make it readable for everybody whom the umask lets.
        let descriptor = open(part, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        try database.writeWithoutTransaction { database in
            try database.execute(sql: "VACUUM INTO ?", arguments: [part])
        }
        guard fsync(descriptor) == 0, rename(part, path) == 0 else { throw failure(path) }
    }

    private static func failure(_ path: String) -> StorageError {
        .cannotOpen(
            path: path,
            reason: "the copy before the upgrade cannot be made: \(String(cString: strerror(errno)))")
    }
}

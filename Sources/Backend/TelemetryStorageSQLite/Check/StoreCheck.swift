// SPDX-License-Identifier: Apache-2.0

import Foundation
import GRDB
package import TelemetryStorage

/// Reads a data directory from one end to the other, without changing it, and says what of it is damaged.
package enum StoreCheck {
    /// What cannot be read, or does not fit together.
    package struct Finding: Hashable, Sendable, CustomStringConvertible {
        /// The file within the data directory.
        package var file: String
        /// Of the block; nil for another part of the file.
        package var block: Int64?
        package var what: String

        package var description: String {
            "\(file)\(block.map { ", block \($0)" } ?? ""): \(what)"
        }
    }

    package struct Report: Hashable, Sendable {
        package internal(set) var blockCount = 0
        package internal(set) var spanCount = 0
        package internal(set) var logBlockCount = 0
        package internal(set) var logRecordCount = 0
        package internal(set) var findings: [Finding] = []
    }

    /// How far the check of one file is, in blocks.
    package struct Progress: Hashable, Sendable {
        package var file: String
        package var done: Int
        package var count: Int
    }

    /// Checks traces and, where there are some, logs. Throws when the directory cannot be checked at all: nothing is
    /// there, a server uses it, another version wrote it.
    package static func run(
        directory: String, progress: (Progress) -> Void = { _ in }
    ) throws(StorageError) -> Report {
        var report = Report()
        let traces = directory + "/" + StoreFile.name
        guard FileManager.default.fileExists(atPath: traces) else {
            throw .cannotOpen(path: directory, reason: "there is no \(StoreFile.name) in it")
        }
        let lock = try DirectoryLock(directory: directory, lookingUnless: inUse)
        defer { lock.release() }
        try read(traces, StoreSchema.upgrade, &report, StoreFile.name) {
            database, report throws(StorageError) in
            try TraceFileCheck(database: database, file: StoreFile.name).run(&report, progress)
        }
        let logDirectory = directory + "/" + LogStoreFile.directoryName
        let logs = logDirectory + "/" + LogStoreFile.name
        guard FileManager.default.fileExists(atPath: logs) else { return report }
        let logLock = try DirectoryLock(directory: logDirectory, lookingUnless: inUse)
        defer { logLock.release() }
        let name = LogStoreFile.directoryName + "/" + LogStoreFile.name
        try read(logs, LogSchema.upgrade, &report, name) { database, report throws(StorageError) in
            try LogFileCheck(database: database, file: name).run(&report, progress)
        }
        return report
    }

    private static let inUse = "a contrail that runs uses this directory; stop it first, or check a copy"

    /// Opens a file and has SQLite look at its pages, then `body` at what is in them.
    private static func read(
        _ path: String, _ schema: SchemaUpgrade, _ report: inout Report, _ file: String,
        _ body: (Database, inout Report) throws(StorageError) -> Void
    ) throws(StorageError) {
        do {
            let queue = try open(path)
            var found = report
            try queue.read { database in
                try schema.requireSame(database, path: path)
                for line in try String.fetchAll(database, sql: "PRAGMA integrity_check(100)")
                where line != "ok" {
                    found.findings.append(Finding(file: file, what: line))
                }
                try body(database, &found)
            }
            try queue.close()
            report = found
        } catch {
            let error = StorageError(sqlite: error)
            guard case .damaged(let what) = error else { throw error }
            report.findings.append(Finding(file: file, what: what))
        }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.label = "contrail.check"
        // SQLite makes files beside one with a write-ahead log even to read it, unless it is told that nobody writes.
        // It must not be told so while there is something in that log.
        let log = try? FileManager.default.attributesOfItem(atPath: path + "-wal")[.size] as? Int
        if (log ?? 0) == 0, let name = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed),
            let queue = try? DatabaseQueue(path: "file:\(name)?immutable=1", configuration: configuration)
        {
            return queue
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}

extension SchemaUpgrade {
    /// A check changes nothing, so it upgrades nothing.
    func requireSame(_ database: Database, path: String) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
            throw StorageError.cannotOpen(path: path, reason: "it is an SQLite database of another program")
        }
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= version else {
            throw StorageError.newerSchema(path: path, found: found, supported: version)
        }
        guard found == version else {
            throw StorageError.cannotOpen(
                path: path,
                reason:
                    "it has schema \(found), of an older contrail; start contrail serve once on a copy of the "
                    + "directory, which brings it to \(version), then check that")
        }
    }
}

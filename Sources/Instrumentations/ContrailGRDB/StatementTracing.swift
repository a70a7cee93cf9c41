// SPDX-License-Identifier: Apache-2.0

public import GRDB
internal import ServiceContextModule
public import Tracing

/// Which statements get a span.
public struct StatementTracing: OptionSet, Sendable {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT, RELEASE. BEGIN IMMEDIATE is where a writer waits for the lock,
    /// COMMIT where it waits for the disk.
    public static let transactions = StatementTracing(rawValue: 1)
    /// PRAGMA, and the look-ups in `sqlite_master` that GRDB makes for itself.
    public static let housekeeping = StatementTracing(rawValue: 2)
    /// Statements over data and transactions, without housekeeping.
    public static let standard: StatementTracing = [.transactions]
}

extension Configuration {
    /// The default configuration, with a client span for each statement.
    ///
    /// ```swift
    /// let database = try DatabaseQueue(path: path, configuration: .traced)
    /// ```
    public static var traced: Configuration {
        var configuration = Configuration()
        configuration.traceStatements()
        return configuration
    }

    /// Makes a client span for each statement of each connection, after OpenTelemetry's database conventions
    /// 1.44.
    ///
    /// The parent is the span that is current where `read` or `write` was called. SQLite tells when a
    /// statement ends but not how: errors are recorded for accesses through ``GRDB/DatabaseReader/traced``.
    /// Takes the place of a function given to GRDB's `Database.trace(options:_:)`, which holds one at a time.
    ///
    /// - Parameters:
    ///   - tracing: Which statements, besides those over data.
    ///   - tracer: Takes the spans; nil for the tracer that is bootstrapped when a statement runs.
    public mutating func traceStatements(
        _ tracing: StatementTracing = .standard, by tracer: (any Tracer)? = nil
    ) {
        let mayBeStrings = acceptsDoubleQuotedStringLiterals
        prepareDatabase { db in
            let statements = StatementTracer(
                tracer: tracer, tracing: tracing, file: try Self.mainFile(of: db),
                doubleQuotesMayBeStrings: mayBeStrings)
            db.trace(options: [.statement, .profile]) { event in statements.take(event) }
        }
    }

    /// The path of the main database; empty in memory.
    private static func mainFile(of db: Database) throws -> String {
        try String.fetchOne(db, sql: "SELECT file FROM pragma_database_list WHERE name = 'main'") ?? ""
    }
}

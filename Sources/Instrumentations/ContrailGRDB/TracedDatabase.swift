// SPDX-License-Identifier: Apache-2.0

public import GRDB
public import Tracing

/// A database whose failed statements are recorded as such; see ``GRDB/DatabaseReader/traced``.
public struct TracedDatabase<Base: DatabaseReader>: Sendable {
    /// The database itself.
    public let base: Base
    // Makes the span of a statement that does not compile, of which SQLite reports nothing.
    let tracer: (any Tracer)?

    private func finish(_ access: TracedAccess, _ error: (any Error)?) {
        access.finish(error) { tracer ?? InstrumentationSystem.tracer }
    }

    private func run<T>(_ body: () throws -> T) throws -> T {
        let access = TracedAccess()
        do {
            let value = try TracedAccess.$current.withValue(access, operation: body)
            finish(access, nil)
            return value
        } catch {
            finish(access, error)
            throw error
        }
    }

    private func run<T>(
        isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> T
    ) async throws -> T {
        let access = TracedAccess()
        do {
            let value = try await TracedAccess.$current.withValue(access, operation: body)
            finish(access, nil)
            return value
        } catch {
            finish(access, error)
            throw error
        }
    }

    /// GRDB's `read`.
    public func read<T>(_ value: (Database) throws -> T) throws -> T {
        try run { try base.read(value) }
    }

    /// GRDB's `read`.
    public func read<T: Sendable>(_ value: @Sendable (Database) throws -> T) async throws -> T {
        try await run { try await base.read(value) }
    }
}

extension TracedDatabase where Base: DatabaseWriter {
    /// GRDB's `write`: in a transaction, rolled back when `updates` throws.
    public func write<T>(_ updates: (Database) throws -> T) throws -> T {
        try run { try base.write(updates) }
    }

    /// GRDB's `write`: in a transaction, rolled back when `updates` throws.
    public func write<T: Sendable>(_ updates: @Sendable (Database) throws -> T) async throws -> T {
        try await run { try await base.write(updates) }
    }

    /// GRDB's `writeWithoutTransaction`.
    public func writeWithoutTransaction<T>(_ updates: (Database) throws -> T) throws -> T {
        try run { try base.writeWithoutTransaction(updates) }
    }

    /// GRDB's `writeWithoutTransaction`.
    public func writeWithoutTransaction<T: Sendable>(_ updates: @Sendable (Database) throws -> T) async throws
        -> T
    {
        try await run { try await base.writeWithoutTransaction(updates) }
    }
}

extension DatabaseReader {
    /// The same database, with errors recorded on the spans of the statements that failed.
    ///
    /// ```swift
    /// try await database.traced.write { db in try Item(name: "tea").insert(db) }
    /// ```
    ///
    /// The spans themselves come from ``GRDB/Configuration/traceStatements(_:by:)``.
    public var traced: TracedDatabase<Self> { traced(by: nil) }

    /// ``traced`` with a tracer other than the bootstrapped one; give the one that the configuration was
    /// given.
    public func traced(by tracer: (any Tracer)?) -> TracedDatabase<Self> {
        TracedDatabase(base: self, tracer: tracer)
    }
}

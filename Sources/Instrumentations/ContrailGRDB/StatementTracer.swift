// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Tracing

/// Turns what SQLite reports of one connection into spans. Lives on the connection's queue.
final class StatementTracer {
    private let tracer: (any Tracer)?
    private let tracing: StatementTracing
    private let namespace: String
    private let doubleQuotesMayBeStrings: Bool
    // Cursors nest: a statement may run while another is between two rows.
    private var running: [RunningStatement] = []
    private var descriptions: [String: SQLDescription] = [:]

    private struct RunningStatement {
        let sql: String
        let span: any Span
    }

    /// Statements of one connection that may run at once with a span each; those above have none.
    private static let runningMax = 64
    /// Texts whose description is kept; at the next one, all are forgotten.
    private static let descriptionsMax = 256

    init(tracer: (any Tracer)?, tracing: StatementTracing, file: String, doubleQuotesMayBeStrings: Bool) {
        self.tracer = tracer
        self.tracing = tracing
        // The file's name says which database it is; the folder is the host's business.
        namespace = file.split(separator: "/").last.map { String($0) } ?? ""
        self.doubleQuotesMayBeStrings = doubleQuotesMayBeStrings
    }

    /// Takes an event; on the connection's queue.
    func take(_ event: Database.TraceEvent) {
        switch event {
        case .statement(let statement): begin(statement.sql)
        case .profile(let statement, _): end(statement.sql)
        }
    }

    private func begin(_ sql: String) {
        // SQLite reports a trigger's start as the comment `-- its name`, without an end.
        if sql.hasPrefix("--"), !sql.contains("\n") { return }
        let description = description(of: sql)
        TracedAccess.current?.statementBegins(isRollback: description.category == .rollback)
        guard isTraced(description.category), running.count < Self.runningMax else { return }
        let span = (tracer ?? InstrumentationSystem.tracer)
            .startStatementSpan(description, namespace: namespace)
        running.append(RunningStatement(sql: sql, span: span))
    }

    private func end(_ sql: String) {
        guard let index = running.lastIndex(where: { $0.sql == sql }) else { return }
        let statement = running.remove(at: index)
        if let access = TracedAccess.current {
            access.hold(FinishedStatement(sql: sql, span: statement.span))
        } else {
            statement.span.end()
        }
    }

    private func isTraced(_ category: SQLDescription.Category) -> Bool {
        switch category {
        case .data: true
        case .transaction, .rollback: tracing.contains(.transactions)
        case .housekeeping: tracing.contains(.housekeeping)
        }
    }

    private func description(of sql: String) -> SQLDescription {
        if let known = descriptions[sql] { return known }
        let new = SQLDescription(sql, doubleQuotesMayBeStrings: doubleQuotesMayBeStrings)
        if descriptions.count >= Self.descriptionsMax { descriptions.removeAll() }
        descriptions[sql] = new
        return new
    }
}

extension Tracer {
    /// The span of a statement, started, with the attributes of the database conventions 1.44. `namespace` is
    /// the database's file name, empty in memory.
    func startStatementSpan(_ description: SQLDescription, namespace: String) -> any Tracing.Span {
        // "Span kind SHOULD be CLIENT. It MAY be set to INTERNAL on spans representing in-memory database
        // calls."
        let name = description.summary.isEmpty ? "sqlite" : description.summary
        let span = startSpan(name, ofKind: .client)
        guard span.isRecording else { return span }
        span.updateAttributes { attributes in
            attributes["db.system.name"] = "sqlite"
            if !namespace.isEmpty { attributes["db.namespace"] = namespace }
            attributes["db.query.text"] = description.text
            if !description.summary.isEmpty { attributes["db.query.summary"] = description.summary }
            if let operation = description.operation { attributes["db.operation.name"] = operation }
            if let collection = description.collection { attributes["db.collection.name"] = collection }
        }
        return span
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import GRDB
internal import Synchronization
internal import Tracing

/// A statement that has ended, with its span still open: whether it failed is known a little later.
struct FinishedStatement: Sendable {
    let sql: String
    let span: any Span
    let end = DefaultTracerClock.now
}

/// One `read` or `write` through ``TracedDatabase``: brings errors to the spans of their statements.
///
/// SQLite's profile event comes before the result code is known, so that the last statement is held until the
/// next one begins (then it has succeeded, or its error was handled), or until the access ends with an error.
/// A rollback does not settle it: GRDB rolls back before it throws.
final class TracedAccess: Sendable {
    @TaskLocal static var current: TracedAccess?

    private struct Held {
        var last: FinishedStatement?
        var rollback: FinishedStatement?
        var rollsBack = false
    }

    private let held = Mutex(Held())

    func statementBegins(isRollback: Bool) {
        let settled = held.withLock { held -> FinishedStatement? in
            held.rollsBack = isRollback
            guard !isRollback else { return nil }
            defer { held.last = nil }
            return held.last
        }
        settled.map { $0.span.end(at: $0.end) }
    }

    func hold(_ statement: FinishedStatement) {
        let settled = held.withLock { held -> FinishedStatement? in
            if held.rollsBack {
                defer { held.rollback = statement }
                return held.rollback
            }
            defer { held.last = statement }
            return held.last
        }
        settled.map { $0.span.end(at: $0.end) }
    }

    /// Ends what is held; `error` is what the access threw.
    func finish(_ error: (any Error)?, tracer: () -> any Tracer) {
        let last = held.withLock { held in
            defer { held = Held() }
            return held
        }
        if let error = error as? DatabaseError {
            if let statement = last.last, statement.sql == error.sql {
                statement.span.fail(error)
            } else if let statement = last.rollback, statement.sql == error.sql {
                statement.span.fail(error)
            } else if let sql = error.sql {
                // SQLite would not even compile it: there was no event. It was a call to the database all the
                // same.
                let span = tracer().startStatementSpan(SQLDescription(sql), namespace: "")
                span.fail(error)
                span.end()
            }
        }
        last.last.map { $0.span.end(at: $0.end) }
        last.rollback.map { $0.span.end(at: $0.end) }
    }
}

extension Span {
    /// Semantic conventions 1.44, "SQLite": the extended result code is `db.response.status_code`, and
    /// "error.type SHOULD match the db.response.status_code". The message stays out: SQLite writes parts of
    /// the statement into it.
    fileprivate func fail(_ error: DatabaseError) {
        guard isRecording else { return }
        let code = String(error.extendedResultCode.rawValue)
        updateAttributes { attributes in
            attributes["db.response.status_code"] = code
            attributes["error.type"] = code
        }
        setStatus(SpanStatus(code: .error, message: error.extendedResultCode.description))
    }
}

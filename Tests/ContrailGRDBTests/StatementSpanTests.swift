// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailGRDB
import ContrailTesting
import Foundation
import GRDB
import TelemetryModel
import Testing
import Tracing

@Suite("Statement spans")
struct StatementSpanTests {
    private let telemetry = TestTelemetry()
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func configuration(_ tracing: StatementTracing = .standard) -> Configuration {
        var configuration = Configuration()
        configuration.traceStatements(tracing, by: telemetry.tracer)
        return configuration
    }

    private func queue(_ tracing: StatementTracing = .standard) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(
            path: folder.url.appending(path: "shop.sqlite").path(), configuration: configuration(tracing))
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "CREATE TABLE items (id INTEGER PRIMARY KEY, sku TEXT UNIQUE)")
        }
        return queue
    }

    private var names: [String] { telemetry.finishedSpans.map(\.name) }
    private func span(_ name: String) throws -> SpanData {
        try #require(telemetry.finishedSpans.last { $0.name == name }, "no span \(name) in \(names)")
    }

    @Test("a statement is a client span named by its summary, with the conventions' attributes")
    func attributes() throws {
        let queue = try queue()
        try queue.writeWithoutTransaction { db in
            try db.execute(sql: "INSERT INTO items (sku) VALUES ('tea')")
        }
        let span = try span("INSERT items")
        #expect(span.kind == .client)
        #expect(span.attributes["db.system.name"] == "sqlite")
        #expect(span.attributes["db.namespace"] == "shop.sqlite")
        #expect(span.attributes["db.query.text"] == "INSERT INTO items (sku) VALUES (?)")
        #expect(span.attributes["db.query.summary"] == "INSERT items")
        #expect(span.attributes["db.operation.name"] == "INSERT")
        #expect(span.attributes["db.collection.name"] == "items")
        #expect(span.attributes.count == 6)
        #expect(span.status.code == .unset)
        #expect(span.endTimeUnixNano >= span.startTimeUnixNano)
    }

    @Test(
        "the parent is the span that is current where the statement is issued, queue or pool, waiting or awaiting"
    )
    func parents() async throws {
        let queue = try queue()
        let pool = try DatabasePool(
            path: folder.url.appending(path: "pool.sqlite").path(), configuration: configuration())
        try await pool.write { db in try db.execute(sql: "CREATE TABLE items (sku TEXT)") }
        let writers: [any DatabaseWriter] = [queue, pool]
        for (index, writer) in writers.enumerated() {
            try telemetry.tracer.withSpan("waiting \(index)") { _ in
                try writer.write { db in
                    try db.execute(sql: "INSERT INTO items (sku) VALUES (?)", arguments: ["a\(index)"])
                }
                _ = try writer.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM items") }
            }
            try await telemetry.tracer.withSpan("awaiting \(index)") { _ in
                try await writer.write { db in
                    try db.execute(sql: "INSERT INTO items (sku) VALUES (?)", arguments: ["b\(index)"])
                }
                _ = try await writer.read { db in try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM items") }
            }
        }
        for parent in ["waiting 0", "awaiting 0", "waiting 1", "awaiting 1"] {
            let parentID = try span(parent).spanID
            let children = telemetry.finishedSpans.filter { $0.parentSpanID == parentID }.map(\.name)
            #expect(children.contains("INSERT items"), "\(parent): \(children)")
            #expect(children.contains("SELECT items"), "\(parent): \(children)")
            #expect(children.contains("BEGIN") && children.contains("COMMIT"), "\(parent): \(children)")
        }
    }

    @Test("transactions and housekeeping have spans when asked for")
    func categories() throws {
        let quiet = try queue([])
        try quiet.write { db in
            try db.execute(sql: "PRAGMA user_version = 2; INSERT INTO items (sku) VALUES ('a')")
            _ = try db.tableExists("items")
        }
        #expect(names == ["CREATE TABLE items", "INSERT items"])
        let chatty = try DatabaseQueue(configuration: configuration([.transactions, .housekeeping]))
        try chatty.write { db in try db.execute(sql: "PRAGMA user_version = 2") }
        #expect(names.suffix(3) == ["BEGIN", "PRAGMA user_version", "COMMIT"])
        #expect(try span("PRAGMA user_version").attributes["db.namespace"] == nil)
    }

    @Test("a statement that fails has the result code, and those around it have none")
    func failure() throws {
        let queue = try queue()
        #expect(throws: DatabaseError.self) {
            try queue.traced.write { db in
                try db.execute(sql: "INSERT INTO items (sku) VALUES (?)", arguments: ["tea"])
                try db.execute(sql: "INSERT INTO items (sku) VALUES (?)", arguments: ["tea"])
            }
        }
        let inserts = telemetry.finishedSpans.filter { $0.name == "INSERT items" }
        #expect(inserts.map(\.status.code) == [.unset, .error])
        // SQLITE_CONSTRAINT_UNIQUE.
        #expect(inserts.last?.attributes["db.response.status_code"] == "2067")
        #expect(inserts.last?.attributes["error.type"] == "2067")
        #expect(try span("ROLLBACK").status.code == .unset)
        #expect(try span("BEGIN").status.code == .unset)
    }

    @Test("without a transaction, and awaiting, an error is recorded too")
    func failureAwaiting() async throws {
        let queue = try queue()
        await #expect(throws: DatabaseError.self) {
            try await queue.traced.writeWithoutTransaction { db in
                try db.execute(sql: "INSERT INTO items (id) VALUES ('not a number')")
            }
        }
        let span = try span("INSERT items")
        #expect(span.attributes["db.response.status_code"] == "20")
        #expect(span.status.code == .error)
        #expect(!"\(span)".contains("not a number"))
    }

    @Test("a statement that does not compile is a failed call")
    func doesNotCompile() throws {
        let queue = try queue()
        #expect(throws: DatabaseError.self) {
            try queue.traced(by: telemetry.tracer).read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM nowhere WHERE a = 'secret'")
            }
        }
        let span = try span("SELECT nowhere")
        #expect(span.attributes["db.response.status_code"] == "1")
        #expect(span.status.code == .error)
        #expect(!"\(span)".contains("secret"))
    }

    @Test("an error of the caller's own is none of a statement")
    func foreignError() throws {
        struct Own: Error {}
        let queue = try queue()
        #expect(throws: Own.self) {
            try queue.traced.write { db in
                try db.execute(sql: "INSERT INTO items (sku) VALUES ('tea')")
                throw Own()
            }
        }
        #expect(telemetry.finishedSpans.allSatisfy { $0.status.code == .unset })
        #expect(names.contains("INSERT items") && names.contains("ROLLBACK"))
    }

    @Test("statements between the rows of another have spans of their own, and triggers none")
    func nested() throws {
        let queue = try queue([])
        try queue.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE log (sku TEXT);
                    CREATE TRIGGER logging AFTER INSERT ON items BEGIN INSERT INTO log VALUES (new.sku); END;
                    INSERT INTO items (sku) VALUES ('a'), ('b');
                    """)
            let rows = try Row.fetchCursor(db, sql: "SELECT sku FROM items")
            while try rows.next() != nil { try db.execute(sql: "DELETE FROM log") }
        }
        #expect(
            names == [
                "CREATE TABLE items", "CREATE TABLE log", "CREATE TRIGGER logging", "INSERT items",
                "DELETE log",
                "DELETE log", "SELECT items",
            ])
    }
}

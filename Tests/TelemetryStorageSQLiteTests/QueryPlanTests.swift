// SPDX-License-Identifier: Apache-2.0

import GRDB
import Testing

@testable import TelemetryStorageSQLite

@Suite("how SQLite finds what questions ask for")
struct QueryPlanTests {
    @Test(
        "each statement of a question goes by a key",
        arguments: [
            (SQL.selectSection, "SEARCH section USING INTEGER PRIMARY KEY (rowid=?)"),
            (SQL.selectOperation, "SEARCH operation USING INTEGER PRIMARY KEY (rowid=?)"),
            (SQL.deleteJournal, "SEARCH journal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        ])
    func goesByKey(_ sql: String, _ plan: String) throws {
        #expect(try self.plan(of: sql) == [plan])
    }

    @Test(
        "what is read at the start is read in its order, without sorting",
        arguments: [
            (SQL.selectOperations, "SCAN operation"), (SQL.selectBlocks, "SCAN block"),
            (SQL.selectJournal, "SCAN journal"),
        ])
    func startsInOrder(_ sql: String, _ plan: String) throws {
        #expect(try self.plan(of: sql) == [plan])
    }

    private func plan(of sql: String) throws -> [String] {
        let queue = try DatabaseQueue()
        return try queue.write { database in
            for statement in StoreSchema.statements { try database.execute(sql: statement) }
            let values = sql.filter { $0 == "?" }.map { _ in 1 }
            return try Row.fetchAll(
                database, sql: "EXPLAIN QUERY PLAN " + sql, arguments: StatementArguments(values)
            ).map { $0["detail"] }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ContrailGRDB

@Suite("Descriptions of SQL")
struct SQLDescriptionTests {
    @Test(
        "every literal becomes a question mark",
        arguments: [
            ("SELECT 1", "SELECT ?"),
            ("SELECT * FROM t WHERE a = 'O''Brien' AND b = 2", "SELECT * FROM t WHERE a = ? AND b = ?"),
            (
                "SELECT x'CAFE', X'00', 0xFF, 1.5, .5, 5., 1e10, 1E-7, 1_000",
                "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?"
            ),
            ("SELECT -1, +2, 3-4, 0x1e+5", "SELECT -?, +?, ?-?, ?+?"),
            ("SELECT a1, t.b2, _c FROM t2", "SELECT a1, t.b2, _c FROM t2"),
            ("SELECT TRUE, false, NULL, trueish", "SELECT ?, ?, NULL, trueish"),
            (#"SELECT "it's", `a'b`, [c'd] FROM t"#, #"SELECT "it's", `a'b`, [c'd] FROM t"#),
            ("SELECT 'a' -- secret 'x'\n, /* 42 */ 'b'", "SELECT ? , ?"),
            ("SELECT 'unterminated", "SELECT ?"),
            ("SELECT x'unterminated", "SELECT ?"),
            ("SELECT 'a\nb\u{0}c' , 'ü'", "SELECT ? , ?"),
            ("SELECT 1; ", "SELECT ?;"),
            ("  SELECT\t\n 1  ", "SELECT ?"),
            ("SELECT 12abc34 'x'", "SELECT ? ?"),
            ("", ""),
        ])
    func sanitizes(sql: String, expected: String) {
        #expect(SQLDescription(sql).text == expected)
    }

    @Test(
        "text with parameters stays as it is",
        arguments: [
            "SELECT * FROM t WHERE a = ? AND b = 1", "SELECT ?1", "SELECT :name, 'x'", "SELECT @name",
            "SELECT $name::part(suffix)",
        ])
    func keepsParameters(sql: String) {
        #expect(SQLDescription(sql).text == sql)
    }

    @Test("double-quoted strings are replaced where SQLite may take them for strings, but not table names")
    func doubleQuotes() {
        let sql = #"INSERT INTO "items" (a) VALUES ("secret")"#
        #expect(SQLDescription(sql).text == sql)
        #expect(
            SQLDescription(sql, doubleQuotesMayBeStrings: true).text == #"INSERT INTO "items" (a) VALUES (?)"#
        )
    }

    @Test("only the beginning of an endless statement is kept")
    func endless() {
        let sql = "SELECT ?" + String(repeating: ", a", count: 1_000_000)
        #expect(SQLDescription(sql).text.utf8.count == SQLDescription.textBytesMax)
    }

    @Test(
        "the summary names operations and targets in order",
        arguments: [
            ("SELECT * FROM songs, artists WHERE x = 1", "SELECT songs artists"),
            ("select a from songs s, artists AS b", "select songs artists"),
            ("SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN main.c USING (x)", "SELECT a b c"),
            ("INSERT INTO items (sku) VALUES ('a')", "INSERT items"),
            (#"INSERT INTO "items" ("sku") VALUES (?)"#, "INSERT items"),
            ("INSERT OR REPLACE INTO items VALUES (1)", "INSERT items"),
            ("INSERT INTO items VALUES (1) ON CONFLICT DO UPDATE SET a = 1", "INSERT items"),
            ("INSERT INTO shipping_details SELECT * FROM orders", "INSERT shipping_details SELECT orders"),
            ("REPLACE INTO main.items VALUES (1)", "REPLACE items"),
            ("SELECT replace(name, 'a', 'b') FROM items", "SELECT items"),
            ("UPDATE items SET a = 1 WHERE b IN (SELECT c FROM d)", "UPDATE items SELECT d"),
            ("UPDATE OR IGNORE items SET a = 1 FROM other", "UPDATE items other"),
            ("DELETE FROM items WHERE a IS DISTINCT FROM b", "DELETE items"),
            ("SELECT * FROM (SELECT a FROM b) c", "SELECT SELECT b"),
            ("WITH x AS (SELECT 1 FROM y) DELETE FROM z", "SELECT y DELETE z"),
            ("WITH x AS (SELECT 1 FROM y) REPLACE INTO z SELECT * FROM x", "SELECT y REPLACE z SELECT x"),
            ("CREATE TABLE IF NOT EXISTS items (id INTEGER DEFAULT 1)", "CREATE TABLE items"),
            ("CREATE UNIQUE INDEX by_sku ON items (sku)", "CREATE INDEX by_sku"),
            ("CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END", "CREATE TRIGGER t"),
            ("DROP TABLE IF EXISTS main.items", "DROP TABLE items"),
            ("ALTER TABLE items ADD COLUMN x", "ALTER TABLE items"),
            ("PRAGMA journal_mode = WAL", "PRAGMA journal_mode"),
            ("BEGIN IMMEDIATE TRANSACTION", "BEGIN"),
            ("COMMIT TRANSACTION", "COMMIT"),
            ("VACUUM", "VACUUM"),
            ("/* hello */ SELECT 1 -- bye", "SELECT"),
            ("?", ""), ("", ""), ("'SELECT'", ""),
        ])
    func summary(sql: String, expected: String) {
        #expect(SQLDescription(sql).summary == expected)
    }

    @Test("operation and collection are told only when there is one of each")
    func operation() {
        let one = SQLDescription("SELECT * FROM items JOIN items AS other")
        #expect(one.operation == "SELECT")
        #expect(one.collection == "items")
        let several = SQLDescription("INSERT INTO a SELECT * FROM b")
        #expect(several.operation == nil)
        #expect(several.collection == nil)
        #expect(SQLDescription("PRAGMA user_version").collection == nil)
    }

    @Test("a value never becomes a name")
    func noValueInSummary() {
        let secret = "s3cret"
        for sql in [
            "SELECT * FROM t WHERE a = 's3cret'", "INSERT INTO t VALUES ('s3cret', x's3cret')",
            "SELECT 's3cret' FROM 's3cret'", "PRAGMA key = 's3cret'", "ATTACH 's3cret' AS x",
            "UPDATE t SET a = 's3cret' || 's3cret'", "SELECT 1 /* s3cret */ -- s3cret",
        ] {
            let description = SQLDescription(sql)
            #expect(!description.summary.contains(secret), "\(sql)")
            #expect(!description.text.contains(secret), "\(sql)")
        }
    }

    @Test(
        "statements are told apart by what they are for",
        arguments: [
            ("SELECT 1", .data), ("BEGIN", .transaction), ("COMMIT", .transaction),
            ("SAVEPOINT a", .transaction),
            ("RELEASE a", .transaction), ("ROLLBACK TO a", .rollback), ("PRAGMA x", .housekeeping),
            ("SELECT * FROM sqlite_master", .housekeeping),
            ("SELECT * FROM main.sqlite_master, items", .data),
            (
                "SELECT name FROM (SELECT * FROM sqlite_schema UNION ALL SELECT * FROM sqlite_temp_schema)",
                .housekeeping
            ),
        ] as [(String, SQLDescription.Category)])
    func category(sql: String, expected: SQLDescription.Category) {
        #expect(SQLDescription(sql).category == expected)
    }

    @Test("a summary has at most 255 characters and ends with a whole word")
    func longSummary() {
        let tables = (0..<200).map { "table_\($0)" }
        let summary = SQLDescription("SELECT * FROM \(tables.joined(separator: ", "))").summary
        #expect(summary.count <= SQLDescription.summaryCharactersMax)
        #expect(tables.contains(summary.split(separator: " ").last.map { String($0) } ?? ""))
    }
}

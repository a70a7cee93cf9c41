// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ContrailGRDB
import ContrailHTTPClient
import ContrailHummingbird
import ContrailTesting
import Foundation
import GRDB
import Hummingbird
import Testing

private struct Item: Codable, PersistableRecord {
    var name: String
}

@Suite("The landing pages of the instrumentations")
struct InstrumentationSnippets {
    @Test("a router takes the middleware")
    func hummingbird() {
        let router = Router()
        router.addMiddleware { TelemetryMiddleware() }
        #expect(router.routes.isEmpty)
    }

    @Test("a client takes the configuration")
    func httpClient() async throws {
        let client = HTTPClient(configuration: .traced)
        try await client.shutdown()
    }

    @Test("a statement is a span")
    func database() async throws {
        let telemetry = TestTelemetry()
        try await telemetry.run {
            let path = ":memory:"
            let database = try DatabaseQueue(path: path, configuration: .traced)
            try await database.write { db in try db.create(table: "item") { $0.column("name") } }
            try await database.traced.write { db in
                try db.execute(sql: "INSERT INTO item (name) VALUES (?)", arguments: ["tea"])
            }
        }
        #expect(telemetry.finishedSpan("INSERT item") != nil)
    }

    @Test("so is that of a record")
    func record() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "contrail-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let telemetry = TestTelemetry()
        try await telemetry.run {
            let database = try DatabaseQueue(
                path: folder.appending(path: "items.sqlite").path(), configuration: .traced)
            try await database.write { db in try db.create(table: "item") { $0.column("name") } }
            try await database.traced.write { db in try Item(name: "tea").insert(db) }
        }
        #expect(telemetry.finishedSpan("INSERT item") != nil)
    }
}

// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ContrailGRDB
import Foundation
import GRDB
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Tracing

/// What a customer sends.
struct Order: Decodable {
    let sku: String
    let name: String
    let quantity: Int
}

/// A row of the table `items`.
struct Item: Codable, MutablePersistableRecord {
    static let databaseTableName = "items"

    var id: Int64?
    var sku: String
    var name: String
    var quantity: Int
    var priceCents: Int

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }
}

/// The stock, in a SQLite file.
struct Stock: Sendable {
    let client: HTTPClient
    let pricing: String
    let database: DatabaseQueue

    func prepare() async throws {
        try await withSpan("prepare_database") { _ in
            try await database.traced.write { db in
                try db.create(table: "items", options: .ifNotExists) { table in
                    table.autoIncrementedPrimaryKey("id")
                    table.column("sku", .text).notNull()
                    table.column("name", .text).notNull()
                    table.column("quantity", .integer).notNull()
                    table.column("priceCents", .integer).notNull()
                }
            }
        }
    }

    func create(_ order: Order, logger: Logger) async throws -> Response {
        try withSpan("validate_input") { span in
            span.attributes["item.sku"] = order.sku
            try validate(order)
        }
        let price = try await price(of: order.sku)
        let new = Item(sku: order.sku, name: order.name, quantity: order.quantity, priceCents: price)
        // One statement needs no transaction around it: SQLite makes its own, and waits for the disk in the
        // INSERT.
        let item = try await database.traced.writeWithoutTransaction { db in try new.inserted(db) }
        let body = try withSpan("serialize_response") { _ in try JSONEncoder().encode(item) }
        withSpan("log_event") { _ in
            logger.info("item created", metadata: ["item.id": "\(item.id ?? 0)", "item.sku": "\(item.sku)"])
        }
        return Response(
            status: .created, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }

    private func validate(_ order: Order) throws {
        guard !order.sku.isEmpty, order.sku.utf8.allSatisfy({ $0 < 0x80 && $0 > 0x20 && $0 != 0x2F }) else {
            throw HTTPError(.unprocessableContent, message: "sku: printable ASCII without blanks and slashes")
        }
        guard (1...1_000).contains(order.quantity) else {
            throw HTTPError(.unprocessableContent, message: "quantity: 1 to 1000")
        }
    }

    private struct Quote: Decodable { let priceCents: Int }

    private func price(of sku: String) async throws -> Int {
        let path = sku.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? sku
        let answer: HTTPClientResponse
        do {
            answer = try await client.execute(
                HTTPClientRequest(url: "\(pricing)/quote/\(path)"), timeout: .seconds(5))
        } catch {
            throw HTTPError(.badGateway, message: "pricing does not answer: \(error)")
        }
        guard answer.status == .ok else { throw HTTPError(.badGateway, message: "no price for \(sku)") }
        let body = try await answer.body.collect(upTo: 64 * 1024)
        return try JSONDecoder().decode(Quote.self, from: Data(body.readableBytesView)).priceCents
    }
}

// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Contrail
import ContrailGRDB
import ContrailHTTPClient
import ContrailHummingbird
import Foundation
import GRDB
import Hummingbird
import Logging
import NIOCore
import Tracing

// The stock: `POST /api/v1/items/` validates, asks for the price, inserts, answers.

try Contrail.bootstrapLogging()
let telemetry = try Contrail.start { $0.service = .init(name: "items", version: "1.0.0") }

let environment = ProcessInfo.processInfo.environment
let client = HTTPClient(configuration: .traced)
let database = try DatabaseQueue(path: environment["SHOP_DATABASE"] ?? "items.sqlite", configuration: .traced)
let stock = Stock(
    client: client, pricing: environment["SHOP_PRICING_URL"] ?? "http://127.0.0.1:8082", database: database)
try await stock.prepare()

let router = Router()
router.addMiddleware { TelemetryMiddleware() }
router.post("api/v1/items") { request, context in
    let order = try await request.decode(as: Order.self, context: context)
    return try await stock.create(order, logger: context.logger)
}

let app = Application(
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: Int(environment["SHOP_PORT"] ?? "") ?? 8081)),
    services: [telemetry],
    onServerRunning: { announce("items", $0.localAddress?.port) })
try await app.runService()
try await client.shutdown().get()

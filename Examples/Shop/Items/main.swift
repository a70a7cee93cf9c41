// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Contrail
import ContrailGRDB
import ContrailHTTPClient
import ContrailHummingbird
import GRDB
import Hummingbird
import Logging
import NIOCore
import ShopCommon
import Tracing

// The stock: `POST /api/v1/items/` validates, asks for the price, inserts, answers.

await ShopService.main("items") {
    let port = try ShopService.port(else: 8081)
    let file = ShopService.setting("SHOP_DATABASE", else: "items.sqlite")

    try Contrail.bootstrapLogging()
    let telemetry = try Contrail.start { $0.service = .init(name: "items", version: "1.0.0") }

    let database = try DatabaseQueue(path: file, configuration: .traced)
    var configuration = HTTPClient.Configuration.traced
    configuration.timeout.connect = .seconds(1)
    let client = HTTPClient(configuration: configuration)
    let stock = Stock(
        client: client, pricing: ShopService.setting("SHOP_PRICING_URL", else: "http://127.0.0.1:8082"),
        database: database)
    try await stock.prepare()

    let router = Router()
    router.addMiddleware { TelemetryMiddleware() }
    router.post("api/v1/items") { request, context in
        let order = try await request.decode(as: Order.self, context: context)
        return try await stock.create(order, logger: context.logger)
    }

    let app = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
        services: [telemetry], onServerRunning: { ShopService.announce("items", $0.localAddress?.port) })
    try await app.runService()
    try await client.shutdown().get()
}

// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailHummingbird
import Hummingbird
import Logging
import ShopCommon
import Tracing

// The price list: answers `GET /quote/{sku}`, now and then slowly.

struct Quote: ResponseEncodable {
    let sku: String
    let priceCents: Int
}

await ShopService.main("pricing") {
    let port = try ShopService.port(else: 8082)
    let pace = try Pace()

    try Contrail.bootstrapLogging()
    let telemetry = try Contrail.start { $0.service = .init(name: "pricing", version: "1.0.0") }

    let router = Router()
    router.addMiddleware { TelemetryMiddleware() }
    router.get("quote/{sku}") { _, context in
        let sku = try context.parameters.require("sku")
        let wait = pace.next()
        try await Task.sleep(for: wait)
        context.logger.info("quoted", metadata: ["sku": "\(sku)", "waited": "\(wait)"])
        return Quote(sku: sku, priceCents: 100 + sku.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) % 9_900 })
    }

    let app = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
        services: [telemetry], onServerRunning: { ShopService.announce("pricing", $0.localAddress?.port) })
    try await app.runService()
}

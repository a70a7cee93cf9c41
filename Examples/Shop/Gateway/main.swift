// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Contrail
import ContrailHTTPClient
import ContrailHummingbird
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ShopCommon
import Tracing

// The shop's door: hands `POST /api/v1/items/` on to the items service.

await ShopService.main("gateway") {
    let port = try ShopService.port(else: 8080)
    let items = ShopService.setting("SHOP_ITEMS_URL", else: "http://127.0.0.1:8081")

    try Contrail.bootstrapLogging()
    let telemetry = try Contrail.start { $0.service = .init(name: "gateway", version: "1.0.0") }

    var configuration = HTTPClient.Configuration.traced
    configuration.timeout.connect = .seconds(1)
    let client = HTTPClient(configuration: configuration)

    let router = Router()
    router.addMiddleware { TelemetryMiddleware() }
    router.post("api/v1/items") { request, context in
        var outgoing = HTTPClientRequest(url: "\(items)/api/v1/items/")
        outgoing.method = .POST
        outgoing.headers.add(name: "content-type", value: "application/json")
        outgoing.body = .bytes(try await request.body.collect(upTo: 64 * 1024))
        do {
            let answer = try await client.execute(outgoing, timeout: .seconds(10))
            let body = try await answer.body.collect(upTo: 64 * 1024)
            context.logger.info("handed on", metadata: ["status": "\(answer.status.code)"])
            return Response(
                status: .init(code: Int(answer.status.code)), headers: [.contentType: "application/json"],
                body: .init(byteBuffer: body))
        } catch {
            context.logger.error("items does not answer", metadata: ["error": "\(error)"])
            throw HTTPError(.badGateway, message: "items does not answer")
        }
    }

    let app = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
        services: [telemetry], onServerRunning: { ShopService.announce("gateway", $0.localAddress?.port) })
    try await app.runService()
    try await client.shutdown().get()
}

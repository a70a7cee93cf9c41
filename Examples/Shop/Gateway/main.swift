// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Contrail
import ContrailHTTPClient
import ContrailHummingbird
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Tracing

// The shop's door: hands `POST /api/v1/items/` on to the items service.

try Contrail.bootstrapLogging()
let telemetry = try Contrail.start { $0.service = .init(name: "gateway", version: "1.0.0") }

let environment = ProcessInfo.processInfo.environment
let items = environment["SHOP_ITEMS_URL"] ?? "http://127.0.0.1:8081"
let client = HTTPClient(configuration: .traced)

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
    router: router,
    configuration: .init(address: .hostname("127.0.0.1", port: Int(environment["SHOP_PORT"] ?? "") ?? 8080)),
    services: [telemetry],
    onServerRunning: { announce("gateway", $0.localAddress?.port) })
try await app.runService()
try await client.shutdown().get()

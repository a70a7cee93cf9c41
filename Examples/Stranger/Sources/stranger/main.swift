// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailHummingbird
import Hummingbird

let telemetry = try Contrail.start()  // OTEL_* decide; never traps, never blocks start-up
let router = Router()
router.addMiddleware { TelemetryMiddleware() }  // every request: a span
router.get("hello/{name}") { _, context in "Hello, \(try context.parameters.require("name"))!" }
let app = Application(
    router: router,
    configuration: .init(address: .hostname(port: Environment().get("PORT", as: Int.self) ?? 8080)),
    services: [telemetry])
try await app.runService()

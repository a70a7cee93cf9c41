// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailHummingbird
import ContrailTesting
import Hummingbird
import Testing
import Tracing

@Suite("Article: How do I see where my server's time goes?")
struct SeeWhereTheTimeGoesSnippets {
    /// Compiled only: to run it would install telemetry for the whole process.
    private func server() throws -> some ApplicationProtocol {
        let telemetry = try Contrail.start()
        let router = Router()
        router.addMiddleware { TelemetryMiddleware() }
        router.get("hello/{name}") { _, context in "Hello, \(try context.parameters.require("name"))!" }
        let app = Application(router: router, services: [telemetry])
        return app
    }

    /// Compiled only, as above.
    private func shortest(router: Router<BasicRequestContext>) throws -> some ApplicationProtocol {
        let telemetry = try Contrail.start()
        let app = Application(router: router, services: [telemetry])
        return app
    }

    /// Compiled only, as above.
    private func inCode() throws -> Telemetry {
        let telemetry = try Contrail.start { settings in
            settings.service = .init(name: "items", version: "1.4.0", environment: "staging")
            settings.exporters = [.otlp(.grpc, to: "http://collector:4317"), .console]
        }
        return telemetry
    }

    private struct Item {
        var name = ""
    }

    private struct NoName: Error {}

    @Test("an operation that throws is a span with the item's name and an error")
    func ownOperation() async throws {
        let telemetry = TestTelemetry()
        let item = Item()
        func validate(_ item: Item) throws { if item.name.isEmpty { throw NoName() } }
        await #expect(throws: NoName.self) {
            try await telemetry.run {
                try await withSpan("validate_input") { span in
                    span.attributes["item.name"] = item.name
                    try validate(item)
                }
            }
        }
        let span = try #require(telemetry.finishedSpan("validate_input"))
        #expect(span.attributes["item.name"] == "")
        #expect(span.status.code == .error)
    }
}

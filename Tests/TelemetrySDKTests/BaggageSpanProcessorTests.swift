// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("Baggage on spans")
struct BaggageSpanProcessorTests {
    @Test("entries that are asked for become attributes of every span that starts under them")
    func copies() throws {
        let telemetry = TestTelemetry(processors: [BaggageSpanProcessor(names: ["tenant", "tier"])])
        let scope = TelemetryScope("test")
        telemetry.run {
            withBaggage {
                $0["tenant"] = "acme"
                $0["secret"] = "x"
            } _: {
                scope.tracer.withSpan("fast") { _ in withSpan("bridged") { _ in } }
            }
            scope.tracer.withSpan("outside") { _ in }
        }
        #expect(telemetry.finishedSpan("fast")?.attributes == ["tenant": "acme"])
        #expect(telemetry.finishedSpan("bridged")?.attributes["tenant"] == "acme")
        #expect(telemetry.finishedSpan("bridged")?.attributes["secret"] == nil)
        #expect(telemetry.finishedSpan("outside")?.attributes.isEmpty == true)
    }

    @Test("a predicate chooses by name; an attribute that the program gave stays")
    func predicate() {
        let telemetry = TestTelemetry(processors: [BaggageSpanProcessor { $0.hasPrefix("app.") }])
        telemetry.run {
            withBaggage {
                $0["app.a"] = "1"
                $0["app.b"] = "2"
                $0["other"] = "3"
            } _: {
                TelemetryScope("test").tracer.withSpan("span", attributes: ["app.b": "own"]) { _ in }
            }
        }
        #expect(telemetry.finishedSpan("span")?.attributes["app.a"] == "1")
        #expect(telemetry.finishedSpan("span")?.attributes["app.b"] == "own")
        #expect(telemetry.finishedSpan("span")?.attributes["other"] == nil)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import Testing

@Suite("Article: How do I record an error, and when is a span failed?")
struct RecordErrorsSnippets {
    private struct NoPrice: Error {}

    @Test("an error that was handled is an event, and the status is what was said")
    func handled() throws {
        let test = TestTelemetry()
        let telemetry = TelemetryScope("com.example.prices")
        func fetch() throws { throw NoPrice() }
        test.run {
            telemetry.tracer.withSpan("fetch price") { span in
                do {
                    try fetch()
                } catch {
                    span.recordError(error, attributes: ["retry.count": 2])
                    span.setStatus(.error, "no price within 3 attempts")
                }
            }
        }
        let span = try #require(test.finishedSpan("fetch price"))
        #expect(span.status == SpanStatus(code: .error, message: "no price within 3 attempts"))
        let event = try #require(span.events.first)
        #expect(event.name == "exception")
        #expect(event.attributes["retry.count"] == 2)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Testing
import Tracing

private func createItem(_ sku: String) async throws {
    await withSpan("create item") { span in
        span.attributes["item.sku"] = sku
        await Task.yield()
        withSpan("validate_input") { _ in }
        withSpan("log_event") { _ in }
    }
}

@Suite("Article: How do I test that my code makes the right spans?")
struct TestYourSpansSnippets {
    @Test("creating an item validates before it logs")
    func createsItem() async throws {
        let telemetry = TestTelemetry()
        try await telemetry.run { try await createItem("tea") }
        #expect(telemetry.finishedSpans.map(\.name) == ["validate_input", "log_event", "create item"])
        #expect(telemetry.finishedSpan("create item")?.attributes["item.sku"] == "tea")
    }

    @Test("the tree may be the assertion")
    func tree() async throws {
        let telemetry = TestTelemetry()
        try await telemetry.run { try await createItem("tea") }
        try telemetry.expect(
            """
            create item  internal  item.sku=tea
            ├─ validate_input
            └─ log_event
            """)
    }

    @Test("times and ids may be known beforehand")
    func knownBeforehand() {
        let clock = ManualClock()
        let telemetry = TestTelemetry(idGenerator: FixedIDs(), clock: clock)
        telemetry.run {
            withSpan("brew") { _ in clock.advance(by: .milliseconds(3)) }
        }
        #expect(telemetry.finishedSpan("brew")?.durationNano == 3_000_000)
    }
}

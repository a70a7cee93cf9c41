// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("Times of spans")
struct SpanTimeTests {
    let scope = TelemetryScope("test")

    @Test("a clock that is set back between start and end does not change the duration")
    func clockSetBack() throws {
        let clock = ManualClock(unixNano: 1_000_000_000_000)
        let telemetry = TestTelemetry(clock: clock)
        let span = telemetry.provider.tracer(scope).startSpan("span")
        clock.advance(by: .milliseconds(5))
        clock.setUnixNano(500)
        span.addEvent("event")
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.startTimeUnixNano == 1_000_000_000_000)
        #expect(data.endTimeUnixNano == 1_000_005_000_000)
        #expect(data.events.first?.timeUnixNano == 1_000_005_000_000)
    }

    @Test("through swift-distributed-tracing, too, the end is never before the start")
    func clockSetBackThroughTracing() throws {
        let clock = ManualClock(unixNano: 1_000_000_000_000)
        let telemetry = TestTelemetry(clock: clock)
        telemetry.tracer.withSpan("span") { _ in clock.setUnixNano(500) }
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.startTimeUnixNano == 1_000_000_000_000)
        #expect(data.endTimeUnixNano == 1_000_000_000_000)
    }

    @Test("times are those of the system's clock, and a child lies within its parent")
    func systemClock() throws {
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(scope)
        let before = SystemTelemetryClock().unixNano
        tracer.withSpan("outer") { _ in tracer.withSpan("inner") { _ in } }
        let after = SystemTelemetryClock().unixNano
        let outer = try #require(telemetry.finishedSpan("outer"))
        let inner = try #require(telemetry.finishedSpan("inner"))
        // The distance between the clocks is measured once a second; between two readings lie microseconds.
        let slack: UInt64 = 2_000_000
        #expect(outer.startTimeUnixNano + slack >= before && outer.endTimeUnixNano <= after + slack)
        #expect(inner.startTimeUnixNano >= outer.startTimeUnixNano)
        #expect(inner.endTimeUnixNano <= outer.endTimeUnixNano)
    }
}

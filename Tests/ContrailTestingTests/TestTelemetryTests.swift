// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetryModel
import Testing
import Tracing

@Suite("What ContrailTesting gives to tests")
struct TestTelemetryTests {
    @Test("run routes both APIs to this telemetry, also from child tasks, and to no other")
    func run() async {
        let scope = TelemetryScope("com.example.code-under-test")
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<20 {
                group.addTask {
                    let telemetry = TestTelemetry(service: "service \(index)")
                    await telemetry.run {
                        await withSpan("outer \(index)") { _ in
                            async let child: Void = scope.tracer.withSpan("inner \(index)") { _ in
                                await Task.yield()
                            }
                            await child
                        }
                    }
                    #expect(telemetry.finishedSpans.map(\.name) == ["inner \(index)", "outer \(index)"])
                    #expect(
                        telemetry.finishedSpan("inner \(index)")?.parentSpanID
                            == telemetry.finishedSpan("outer \(index)")?.spanID)
                }
            }
        }
    }

    @Test("fixed ids count up from one")
    func fixedIDs() {
        let ids = FixedIDs()
        #expect(ids.traceID() == TraceID(high: 0, low: 1))
        #expect(ids.traceID() == TraceID(high: 0, low: 2))
        #expect(ids.spanID() == SpanID(value: 1))
    }

    @Test("a manual clock wakes who is due, and no other")
    func manualClock() async throws {
        let clock = ManualClock(unixNano: 5)
        let short = Task { try await clock.sleep(for: .seconds(1)) }
        let long = Task { try await clock.sleep(for: .seconds(2)) }
        while clock.sleeperCount < 2 { await Task.yield() }
        clock.advance(by: .seconds(1))
        try await short.value
        #expect(clock.sleeperCount == 1)
        #expect(clock.unixNano == 1_000_000_005)
        #expect(clock.monotonicNano == 1_000_000_000)
        long.cancel()
        await #expect(throws: CancellationError.self) { try await long.value }
        #expect(clock.sleeperCount == 0)
    }

    @Test("a reset exporter forgets; one that is shut down refuses")
    func exporter() async {
        let telemetry = TestTelemetry()
        telemetry.tracer.startSpan("span").end()
        #expect(telemetry.finishedSpans.count == 1)
        telemetry.reset()
        #expect(telemetry.finishedSpans.isEmpty)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("Spans under many threads")
struct ConcurrencyTests {
    let scope = TelemetryScope("test")

    /// Runs `body` on several threads at once.
    func concurrently(_ count: Int = 8, _ body: @escaping @Sendable (Int) -> Void) async {
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<count { group.addTask { body(index) } }
        }
    }

    @Test("a span ended by several threads is exported once")
    func endedOnce() async {
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(scope)
        for _ in 0..<500 {
            let span = tracer.startSpan("span")
            await concurrently(3) { _ in span.end() }
        }
        #expect(telemetry.finishedSpans.count == 500)
    }

    @Test("attributes, events and names from many threads all arrive whole")
    func setFromManyThreads() async throws {
        let telemetry = TestTelemetry(limits: SpanLimits(attributeCount: 10_000, eventCount: 10_000))
        let span = telemetry.provider.tracer(scope).startSpan("span")
        await concurrently { thread in
            for index in 0..<200 {
                span.setAttribute("\(thread).\(index)", index)
                span["shared"] = thread
                span.addEvent("\(thread)")
                span.updateName("name \(thread)")
            }
        }
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes.count == 8 * 200 + 1)
        #expect(data.events.count == 8 * 200)
        for thread in 0..<8 {
            for index in 0..<200 { #expect(data.attributes["\(thread).\(index)"] == .int(Int64(index))) }
        }
    }

    @Test("attributes set through swift-distributed-tracing from many threads all arrive")
    func bridgedFromManyThreads() async throws {
        let telemetry = TestTelemetry(limits: SpanLimits(attributeCount: 10_000))
        let span = telemetry.tracer.startSpan("span")
        await concurrently { thread in
            for index in 0..<200 { span.attributes["\(thread).\(index)"] = index }
        }
        span.end()
        #expect(telemetry.finishedSpans.first?.attributes.count == 8 * 200)
    }

    @Test("setting while another thread ends neither crashes nor exports half of it")
    func setWhileEnding() async throws {
        let telemetry = TestTelemetry()
        for _ in 0..<300 {
            let span = telemetry.tracer.startSpan("span")
            await concurrently(3) { thread in
                if thread == 0 { return span.end() }
                for index in 0..<20 {
                    span.attributes["\(index)"] = index
                    span.addEvent("event")
                    span.context.span?.setAttribute("api", index)
                }
            }
        }
        #expect(telemetry.finishedSpans.count == 300)
    }

    @Test("ids made on many threads never repeat")
    func ids() async {
        let exporter = InMemorySpanExporter()
        let processor = BatchSpanProcessor(exporter: exporter, configuration: .init(queueSize: 100_000))
        let provider = TracerProvider(processors: [processor])
        let tracer = provider.tracer(scope)
        await concurrently { _ in for _ in 0..<2000 { tracer.startSpan("span").end() } }
        _ = await provider.shutdown()
        #expect(Set(exporter.finishedSpans.map(\.spanID)).count == 16_000)
        #expect(Set(exporter.finishedSpans.map(\.traceID)).count == 16_000)
    }
}

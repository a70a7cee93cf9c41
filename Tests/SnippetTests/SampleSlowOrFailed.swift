// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import OTLPHTTPExporter
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

final class KeepSlowOrFailed: SpanProcessor {
    private let next: any SpanProcessor
    private let slowNano: UInt64
    private let tracesMax = 10_000
    private let waiting = Mutex<[TraceID: [FinishedSpan]]>([:])

    init(slowNano: UInt64, next: any SpanProcessor) {
        self.slowNano = slowNano
        self.next = next
    }

    func onEnd(_ span: FinishedSpan) {
        let id = span.context.traceID
        let parentIsHere = span.data.parentSpanID != nil && span.data.flags & 0x200 == 0
        let trace = waiting.withLock { waiting -> [FinishedSpan] in
            guard parentIsHere else { return (waiting.removeValue(forKey: id) ?? []) + [span] }
            if waiting.count < tracesMax || waiting[id] != nil { waiting[id, default: []].append(span) }
            return []
        }
        let isSlow = trace.last.map { $0.durationNano >= slowNano } ?? false
        if isSlow || trace.contains(where: { $0.data.status.code == .error }) {
            for span in trace { next.onEnd(span) }
        }
    }

    func forceFlush(timeout: Duration) async -> FlushReport { await next.forceFlush(timeout: timeout) }
    func shutdown(timeout: Duration) async -> FlushReport { await next.shutdown(timeout: timeout) }
}

@Suite("Article: How do I sample only slow or failed requests?")
struct SampleSlowOrFailedSnippets {
    /// Compiled only: it would install telemetry for the whole process.
    private func program() throws -> Telemetry {
        let telemetry = try Contrail.start { settings in
            let exporter = try OTLPHTTPSpanExporter()
            let keep = KeepSlowOrFailed(slowNano: 500_000_000, next: BatchSpanProcessor(exporter: exporter))
            settings.exporters = []
            settings.traces.processors = [keep]
        }
        return telemetry
    }

    @Test("of a fast, a slow and a failed request the last two are kept, whole")
    func keeps() async {
        let exporter = InMemorySpanExporter()
        let clock = ManualClock()
        let keep = KeepSlowOrFailed(
            slowNano: 500_000_000, next: SimpleSpanProcessor(exporter: exporter))
        let provider = TracerProvider(clock: clock, processors: [keep])
        let tracer = provider.tracer(TelemetryScope("shop"))
        func request(_ name: String, lasts duration: Duration, fails: Bool = false) {
            tracer.withSpan(name) { _ in
                tracer.withSpan("\(name) work") { span in
                    clock.advance(by: duration)
                    if fails { span.setStatus(.error) }
                }
            }
        }
        request("fast", lasts: .milliseconds(3))
        request("slow", lasts: .milliseconds(700))
        request("failed", lasts: .milliseconds(3), fails: true)
        _ = await provider.forceFlush()
        #expect(exporter.finishedSpans.map(\.name) == ["slow work", "slow", "failed work", "failed"])
    }
}

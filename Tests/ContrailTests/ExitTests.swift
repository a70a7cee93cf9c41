// SPDX-License-Identifier: Apache-2.0

import Contrail
import CoreMetrics
import Foundation
import ServiceContextModule
import ServiceLifecycle
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing
import UnixSignals

/// Ends of whole processes.
@Suite("Exits")
struct ExitTests {
    /// Makes spans until it is asked to stop.
    private struct Requests: Service {
        let started = AsyncStream<Void>.makeStream()

        func run() async throws {
            for _ in 0..<1000 { withSpan("request") { _ in } }
            started.continuation.finish()
            try await gracefulShutdown()
            // A request in flight when the signal comes still ends.
            withSpan("the last") { _ in }
        }
    }

    @Test("SIGTERM under ServiceLifecycle: every span that ended is delivered, the last request's too")
    func signal() async {
        await #expect(processExitsWith: .success) {
            let exporter = KeepingExporter()
            let telemetry = try Contrail.start { $0.exporters = [.custom(exporter)] }
            let requests = Requests()
            let group = ServiceGroup(
                configuration: .init(
                    services: [telemetry, requests], gracefulShutdownSignals: [.sigterm],
                    logger: CapturedLog().logger()))
            async let run: Void = group.run()
            for await _ in requests.started.stream {}
            kill(getpid(), SIGTERM)
            try await run
            let counts = telemetry.spanCounts
            #expect(counts.delivered == 1001)
            #expect(counts.created == 1001)
            #expect(exporter.spans.count == 1001)
            #expect(exporter.spans.last?.name == "the last")
        }
    }

    @Test("the end of withTelemetry: every span that ended is delivered, none waits")
    func scoped() async {
        await #expect(processExitsWith: .success) {
            let exporter = KeepingExporter()
            try await Contrail.withTelemetry(configure: { $0.exporters = [.custom(exporter)] }) {
                for _ in 0..<2000 { withSpan("step") { _ in } }
            }
            #expect(exporter.spans.count == 2000)
        }
    }

    @Test("metrics of the SDK reach a backend that is chosen after the start, and make no spans")
    func metrics() async {
        await #expect(processExitsWith: .success) {
            let exporter = KeepingExporter()
            let telemetry = try Contrail.start { $0.exporters = [.custom(exporter)] }
            let metrics = TracedCounters()
            MetricsSystem.bootstrap(metrics)
            for _ in 0..<10 { withSpan("counted") { _ in } }
            await telemetry.shutdown()
            #expect(metrics.sums["otel.sdk.processor.span.processed"] == 10)
            #expect(metrics.sums["otel.sdk.exporter.span.exported"] == 10)
            #expect(exporter.spans.map(\.name) == Array(repeating: "counted", count: 10))
            #expect(!metrics.sawSpan)
        }
    }

    @Test("metrics of the SDK can be switched off")
    func noMetrics() async {
        await #expect(processExitsWith: .success) {
            let metrics = TracedCounters()
            MetricsSystem.bootstrap(metrics)
            let telemetry = try Contrail.start { settings in
                settings.exporters = [.custom(KeepingExporter())]
                settings.reportsOwnMetrics = false
            }
            withSpan("uncounted") { _ in }
            await telemetry.shutdown()
            #expect(metrics.sums == [:])
        }
    }
}

/// A metrics backend that adds up counters, and notes whether it is called within a trace.
private final class TracedCounters: MetricsFactory {
    private struct State {
        var sums: [String: Int64] = [:]
        var sawSpan = false
    }

    private let state = Mutex(State())

    var sums: [String: Int64] { state.withLock(\.sums) }
    var sawSpan: Bool { state.withLock(\.sawSpan) }

    private final class Sum: CounterHandler {
        let label: String
        let backend: TracedCounters

        init(_ label: String, _ backend: TracedCounters) {
            self.label = label
            self.backend = backend
        }

        func increment(by amount: Int64) {
            backend.state.withLock { state in
                state.sums[label, default: 0] += amount
                if ServiceContext.current?.spanContext != nil { state.sawSpan = true }
            }
        }

        func reset() {}
    }

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { Sum(label, self) }

    func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { NOOPMetricsHandler.instance }

    func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        NOOPMetricsHandler.instance
    }

    func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { NOOPMetricsHandler.instance }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        NOOPMetricsHandler.instance
    }

    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    func destroyMeter(_ handler: any MeterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}
}

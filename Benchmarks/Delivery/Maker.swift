// SPDX-License-Identifier: Apache-2.0

import Contrail
import Foundation
import OTLPGRPCExporter
import OTLPHTTPExporter
import Synchronization
import TelemetryAPI
import TelemetrySDK

/// The program that makes spans.
enum Maker {
    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 4, let scenario = Scenario.all.first(where: { $0.name == arguments[0] }),
            let seconds = Int(arguments[3])
        else { return print("{}") }
        let exporter = WatchedExporter(try exporter(arguments[1], port: arguments[2]))
        let telemetry = try Contrail.start { settings in
            settings.exporters = [.custom(exporter)]
            settings.traces.batch.maxQueueSize = scenario.queueSize
            settings.diagnosticLevel = DiagnosticLevel.none
        }
        exporter.counts.withLock { $0 = { telemetry.spanCounts } }
        let tracer = TelemetryScope("com.example.delivery").tracer

        // The connection, the code and the pools are there before anything is measured.
        for _ in 0..<512 { make(tracer) }
        await telemetry.forceFlush()
        let before = telemetry.spanCounts
        exporter.restart()
        Usage.forgetPeak()
        let idle = Usage.residentMebibytes("VmRSS")
        let processor = Usage.cpuMicroseconds
        let clock = ContinuousClock()
        let start = clock.now
        let late = await withTaskGroup(of: Double.self) { group in
            for _ in 0..<scenario.threads {
                group.addTask { await onThread { work(scenario, seconds: seconds, tracer) } }
            }
            return await group.reduce(0) { max($0, $1) }
        }
        let made = clock.now
        await telemetry.shutdown(timeout: .seconds(60))
        let end = clock.now
        let counts = telemetry.spanCounts
        var row = Row()
        row.scenario = scenario.name
        row.transport = arguments[1]
        row.created = counts.created
        row.delivered = counts.delivered
        row.dropped = counts.dropped
        row.waiting = counts.queued + counts.inFlight
        row.ended = 512 + (scenario.spansPerSecond.map { $0 * seconds * scenario.threads } ?? scenario.spans)
        row.makingMilliseconds = milliseconds(made - start)
        row.totalMilliseconds = milliseconds(end - start)
        row.cpuMicrosecondsPerDelivered =
            (Usage.cpuMicroseconds - processor) / Double(max(1, counts.delivered - before.delivered))
        row.peakMebibytes = Usage.residentMebibytes("VmHWM") - idle
        row.idleMicrosecondsMax = exporter.idleMax / 1000
        row.idleWithProcessorMicrosecondsMax = exporter.idleWithProcessorMax / 1000
        row.lateMilliseconds = late
        print(row.json)
    }

    private static func exporter(_ name: String, port: String) throws -> any SpanExporter {
        let server = "http://127.0.0.1:\(port)"
        return name == "grpc"
            ? try OTLPGRPCSpanExporter(OTLPExporterConfiguration(endpoint: server))
            : try OTLPHTTPSpanExporter(OTLPExporterConfiguration(endpoint: "\(server)/v1/traces"))
    }

    /// A span as of a request: two strings, an integer, a boolean, a number and an event.
    @inline(__always)
    private static func make(_ tracer: TelemetryTracer) {
        let span = tracer.startSpan("GET /api/v1/items/{id}")
        span["http.request.method"] = "GET"
        span["http.route"] = "/api/v1/items/{id}"
        span["http.response.status_code"] = 200
        span["cache.hit"] = true
        span["ratio"] = 0.25
        span.addEvent("validated")
        span.end()
    }

    /// As many calls a second as `rate`, a thousandth of them each millisecond; how many milliseconds it was late.
    private static func pace(_ rate: Int, seconds: Int, _ body: () -> Void) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        var late = Duration.zero
        for tick in 0..<(seconds * 1000) {
            let due = start + .milliseconds(tick)
            let now = clock.now
            if now < due { usleep(UInt32((due - now) / .microseconds(1))) }
            late = max(late, clock.now - due)
            for _ in 0..<(rate / 1000) { body() }
        }
        return milliseconds(late)
    }

    /// The share of one thread; how many milliseconds it was late.
    private static func work(_ scenario: Scenario, seconds: Int, _ tracer: TelemetryTracer) -> Double {
        guard let rate = scenario.spansPerSecond else {
            for _ in 0..<(scenario.spans / scenario.threads) { make(tracer) }
            return 0
        }
        return pace(rate, seconds: seconds) { make(tracer) }
    }

    private static func onThread(_ body: @escaping @Sendable () -> Double) async -> Double {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: body()) }
        }
    }

    private static func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
}

// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import Contrail
import Foundation
import Instrumentation
import Logging
import NIOCore
import NIOHTTP1
import OTLPWire
import Synchronization
import TelemetryAPI
import TelemetryConfiguration
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("contrail serve, killed under load", .timeLimit(.minutes(3)))
struct KilledReceiverTests {
    /// Goes on making traces of ten spans until it is told to stop.
    private final class Maker: Sendable {
        private struct State {
            var traces: [TraceID] = []
            var isStopped = false
        }

        private let tracer: any Tracer
        private let state = Mutex(State())

        init(_ tracer: any Tracer) { self.tracer = tracer }

        var traces: [TraceID] { state.withLock { $0.traces } }

        func stop() { state.withLock { $0.isStopped = true } }

        func run() async {
            while !state.withLock({ $0.isStopped }) {
                tracer.withAnySpan("batch", context: .topLevel) { root in
                    if let id = root.context.spanContext?.traceID { state.withLock { $0.traces.append(id) } }
                    for _ in 0..<9 { tracer.withAnySpan("item", context: root.context) { _ in } }
                }
                // Some thousand spans a second: a load, and few enough to be counted one by one afterwards.
                try? await Task.sleep(for: .milliseconds(5))  // polls
            }
        }
    }

    private func serve(_ folder: TemporaryFolder, _ ports: [String: Int]) throws -> Program {
        try Program.product(
            "contrail",
            [
                "--data-dir", folder.url.path(), "--grpc-port", "\(ports["grpcPort"] ?? 0)",
                "--http-port", "\(ports["httpPort"] ?? 0)", "--ui-port", "0",
            ])
    }

    private func start(_ transport: String, _ ports: [String: Int]) throws -> (Telemetry, any Tracer) {
        let installed = Mutex<(any Instrument)?>(nil)
        let port = ports[transport == "grpc" ? "grpcPort" : "httpPort"] ?? 0
        var settings = TelemetrySettings()
        settings.traces.batch.maxExportBatchSize = 64
        let telemetry = try Contrail.start(
            settings, printing: false,
            in: Surroundings(
                environment: [
                    "OTEL_EXPORTER_OTLP_PROTOCOL": transport,
                    "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(port)",
                ],
                process: .init(executableName: "stage", instanceID: "i-1"),
                makeLogger: { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }, diagnose: { _ in },
                claim: {}, install: { instrument, _ in installed.withLock { $0 = instrument } },
                keep: { _ in }, print: { _ in }))
        return (telemetry, try #require(installed.withLock { $0 } as? any Tracer))
    }

    /// Of one trace, each span id as often as it is stored.
    private func stored(_ trace: TraceID, _ port: Int) async throws -> [SpanID] {
        let url = "http://127.0.0.1:\(port)/api/v1/traces/\(trace.hex)"
        let answer = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(30))
        guard answer.status == .ok else { return [] }
        let body = try await answer.body.collect(upTo: 1 << 20)
        let request = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: Array(body.readableBytesView))
        return request.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans).map(\.spanID)
    }

    @Test(
        "the sum adds up, and everything that was acknowledged is there afterwards",
        arguments: ["grpc", "http/protobuf"])
    func addsUp(transport: String) async throws {
        let folder = try TemporaryFolder()
        let first = try serve(folder, [:])
        let ports = try await first.readyPorts()
        let (telemetry, tracer) = try start(transport, ports)
        let maker = Maker(tracer)
        let making = Task { await maker.run() }
        func more(_ what: String, _ value: @escaping (SpanCounts) -> Int) async throws {
            let before = value(telemetry.spanCounts)
            _ = try await eventually(what) { value(telemetry.spanCounts) >= before + 500 ? true : nil }
        }

        try await more("the first receiver gets spans") { $0.delivered }
        first.signal(SIGKILL)
        _ = await first.exitCode()
        try await more("spans end while nobody receives") { $0.created }
        let second = try serve(folder, ports)
        let now = try await second.readyPorts()
        try await more("the second receiver gets spans") { $0.delivered }
        maker.stop()
        await making.value
        let report = await telemetry.shutdown(timeout: .seconds(30))

        let counts = telemetry.spanCounts
        #expect(counts.created == maker.traces.count * 10)
        #expect(counts.created == counts.delivered + counts.dropped)
        #expect(counts.queued == 0 && counts.inFlight == 0)
        #expect(report.outcome == .completed)
        var all = 0
        var distinct = 0
        for trace in maker.traces {
            let spans = try await stored(trace, now["uiPort"] ?? 0)
            all += spans.count
            distinct += Set(spans).count
        }
        // A batch whose answer got lost has been sent twice, under the same ids; what was dropped may have arrived.
        #expect(distinct >= counts.delivered)
        #expect(distinct <= counts.created)
        #expect(all >= distinct)
        #expect(await second.stop() == 0)
    }
}

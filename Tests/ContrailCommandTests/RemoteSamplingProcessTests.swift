// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Contrail
import Foundation
import Instrumentation
import Logging
import Synchronization
import TelemetryConfiguration
import TelemetrySDK
import Testing
import Tracing

@testable import ContrailCommand

@Suite("contrail serve and a remote sampler", .timeLimit(.minutes(2)))
struct RemoteSamplingProcessTests {
    private func write(_ rate: Double, to file: URL) throws {
        let text = """
            {"service_strategies": [{"service": "items", "type": "probabilistic", "param": \(rate)}],
             "default_strategy": {"type": "probabilistic", "param": 0}}
            """
        try text.write(to: file, atomically: true, encoding: .utf8)
    }

    @Test(
        "a program's sampler follows the file of a contrail that runs, and keeps the last word when that is gone"
    )
    func follows() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "strategies.json")
        try write(1, to: file)
        let program = try Program.product(
            "contrail", ["--grpc-port", "0", "--http-port", "0", "--ui-port", "0", "--in-memory"],
            environment: ["CONTRAIL_SAMPLING_STRATEGIES": file.path()])
        let port = try await program.readyPorts()["httpPort"] ?? 0
        _ = try await eventually("the hint says how to ask") {
            program.errors.contains("OTEL_TRACES_SAMPLER_ARG=endpoint=http://127.0.0.1:\(port)") ? true : nil
        }

        let installed = Mutex<(any Instrument)?>(nil)
        var settings = TelemetrySettings()
        settings.exporters = []
        settings.traces.processors = [QuietProcessor()]
        let telemetry = try Contrail.start(
            settings, printing: false,
            in: Surroundings(
                environment: [
                    "OTEL_SERVICE_NAME": "items", "OTEL_TRACES_SAMPLER": "parentbased_jaeger_remote",
                    "OTEL_TRACES_SAMPLER_ARG":
                        "endpoint=http://127.0.0.1:\(port),pollingIntervalMs=10,initialSamplingRate=0",
                ],
                process: .init(executableName: "stage", instanceID: "i-1"),
                makeLogger: { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }, diagnose: { _ in },
                claim: {}, install: { instrument, _ in installed.withLock { $0 = instrument } },
                keep: { _ in },
                print: { _ in }))
        let tracer = try #require(installed.withLock { $0 } as? any Tracer)
        func isSampled() -> Bool {
            let span = tracer.startAnySpan("span", context: .topLevel)
            defer { span.end() }
            return span.isRecording
        }

        _ = try await eventually("the first strategy holds") { isSampled() ? true : nil }
        try write(0, to: file)
        _ = try await eventually("the change has arrived") { isSampled() ? nil : true }
        try "{".write(to: file, atomically: true, encoding: .utf8)
        try write(1, to: file)
        _ = try await eventually("the next change has arrived") { isSampled() ? true : nil }
        #expect(await program.stop() == 0)
        #expect((0..<100).allSatisfy { _ in isSampled() })
        #expect(await telemetry.shutdown().outcome == .completed)
    }

    @Test("a file that cannot be used is one sentence with file, place and a way out")
    func badFile() async throws {
        let folder = try TemporaryFolder()
        let file = folder.url.appending(path: "strategies.json")
        try "{\n  \"default_strategy\": 7\n}".write(to: file, atomically: true, encoding: .utf8)
        let program = try Program.product(
            "contrail", ["--in-memory", "--sampling-strategies", file.path()])
        #expect(await program.exitCode() != 0)
        #expect(
            program.errors.contains("\(file.path()) cannot be used: line 2, column 23, in default_strategy"))
        #expect(program.errors.contains("an object was expected"))
        #expect(program.errors.contains("--sampling-strategies"))
        #expect(program.errors.split(separator: "\n").count == 1)
    }
}

/// A processor, so that spans are recorded.
private struct QuietProcessor: SpanProcessor {
    func onEnd(_ span: FinishedSpan) {}
    func forceFlush(timeout: Duration) async -> FlushReport { FlushReport(.completed) }
    func shutdown(timeout: Duration) async -> FlushReport { FlushReport(.completed) }
}

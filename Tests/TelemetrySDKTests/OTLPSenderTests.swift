// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetrySDK
import Testing

@Suite("Export: one sender for all signals")
struct OTLPSenderTests {
    /// Takes everything and keeps what it was given.
    private final class Recorder: OTLPTransport {
        private let state = Mutex(
            (bodies: [[UInt8]](), headers: [[(String, String)]](), timesLeft: [Duration?](), shutdowns: 0))

        var bodies: [[UInt8]] { state.withLock { $0.bodies } }
        var headers: [[(String, String)]] { state.withLock { $0.headers } }
        var timesLeft: [Duration?] { state.withLock { $0.timesLeft } }
        var shutdowns: Int { state.withLock { $0.shutdowns } }

        static let headerRules = ExportHeaderRules.http

        func body(_ message: consuming [UInt8]) -> [UInt8] { message }

        func attempt(
            _ body: [UInt8], headers: [(String, String)], timeLeft: Duration?
        ) async -> OTLPAttempt {
            state.withLock { state in
                state.bodies.append(body)
                state.headers.append(headers)
                state.timesLeft.append(timeLeft)
            }
            return .answered([])
        }

        func shutdown() async { state.withLock { $0.shutdowns += 1 } }
    }

    private func sender(
        _ recorder: Recorder, timeout: Duration = .seconds(10)
    ) throws -> OTLPSender<Recorder> {
        try OTLPSender(
            .init(endpoint: "http://localhost:1", timeout: timeout), example: "http://localhost:1",
            policy: ExportRetryPolicy(), environment: .system
        ) { _ in recorder }
    }

    @Test("user and password of the address become a header, unless there is one")
    func user() async throws {
        for (configured, sent) in [([], "Basic YW5uOnDDpHNz"), ([("Authorization", "Bearer t")], "Bearer t")]
        {
            let recorder = Recorder()
            let sender = try OTLPSender(
                .init(endpoint: "http://ann:p%C3%A4ss@localhost:1", headers: configured),
                example: "http://localhost:1", policy: ExportRetryPolicy(), environment: .system
            ) { _ in recorder }
            _ = await sender.send(count: 1) { [1] }
            #expect(recorder.headers.map { $0.map(\.1) } == [[sent]])
        }
    }

    @Test("no sender is made with a header that cannot be sent, and what is said of it holds no value")
    func badHeader() throws {
        for header in [("x y", "secret"), ("x", "secret\r\nevil: 1"), ("Content-Length", "secret")] {
            let error = try #require(throws: InvalidEndpoint.self) {
                _ = try OTLPSender(
                    .init(endpoint: "http://localhost:1", headers: [header]), example: "http://localhost:1",
                    policy: ExportRetryPolicy(), environment: .system
                ) { _ in Recorder() }
            }
            #expect(error.description.hasPrefix("a header of the configuration cannot be sent: it "))
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("a request over 64 MiB is not sent and says its size; one of 64 MiB is")
    func requestLimit() async throws {
        let recorder = Recorder()
        let sender = try sender(recorder)
        let limit = 64 << 20
        guard
            case .failure(let error) = await sender.send(
                count: 1, { [UInt8](repeating: 0, count: limit + 1) })
        else {
            Issue.record("it was sent")
            return
        }
        #expect(error.code == .tooLarge)
        #expect(error.message == "the batch has 67108865 bytes, over 67108864")
        #expect(recorder.bodies.isEmpty)
        guard case .success = await sender.send(count: 1, { [UInt8](repeating: 0, count: limit) }) else {
            Issue.record("it was not sent")
            return
        }
        #expect(recorder.bodies.map(\.count) == [limit])
        await sender.shutdown()
    }

    @Test("nothing is encoded for an empty batch or after the shutdown, which closes the transport once")
    func nothingToSend() async throws {
        let recorder = Recorder()
        let sender = try sender(recorder)
        _ = await sender.send(count: 0) {
            Issue.record("encoded")
            return []
        }
        await sender.shutdown()
        await sender.shutdown()
        _ = await sender.send(count: 1) {
            Issue.record("encoded")
            return []
        }
        #expect(recorder.bodies.isEmpty)
        #expect(recorder.shutdowns == 1)
    }

    @Test("a timeout of zero is none")
    func noTimeout() async throws {
        let recorder = Recorder()
        let unlimited = try sender(recorder, timeout: .zero)
        _ = await unlimited.send(count: 1) { [1] }
        let limited = try sender(recorder)
        _ = await limited.send(count: 1) { [2] }
        #expect(recorder.timesLeft.map { $0 == nil } == [true, false])
        await unlimited.shutdown()
        await limited.shutdown()
    }

    @Test("each signal has the path and the method of the protocol")
    func signals() {
        #expect(OTLPSignal.allCases.map(\.path) == ["/v1/traces", "/v1/metrics", "/v1/logs"])
        #expect(
            OTLPSignal.allCases.map(\.grpcService) == [
                "opentelemetry.proto.collector.trace.v1.TraceService",
                "opentelemetry.proto.collector.metrics.v1.MetricsService",
                "opentelemetry.proto.collector.logs.v1.LogsService",
            ])
    }
}

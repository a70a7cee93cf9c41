// SPDX-License-Identifier: Apache-2.0

import ChildProcess
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

    /// A header provider that hangs until it is let go, and heeds its cancellation or not.
    private final class Hanging: Sendable {
        private let state = Mutex(
            (asked: 0, running: 0, waiting: [CheckedContinuation<Void, Never>](), isFree: false))
        let heedsCancellation: Bool

        init(heedsCancellation: Bool) { self.heedsCancellation = heedsCancellation }

        var asked: Int { state.withLock { $0.asked } }
        var running: Int { state.withLock { $0.running } }

        func headers() async -> [String: String] {
            let isFree = state.withLock { state in
                state.asked += 1
                state.running += 1
                return state.isFree
            }
            if !isFree {
                await withTaskCancellationHandler {
                    await withCheckedContinuation { continuation in
                        let isFree = state.withLock { state in
                            let isFree = state.isFree || heedsCancellation && Task.isCancelled
                            if !isFree { state.waiting.append(continuation) }
                            return isFree
                        }
                        if isFree { continuation.resume() }
                    }
                } onCancel: {
                    if heedsCancellation { release(false) }
                }
            }
            state.withLock { $0.running -= 1 }
            return ["x-token": "t"]
        }

        func release(_ isForGood: Bool = true) {
            let waiting = state.withLock { state in
                if isForGood { state.isFree = true }
                defer { state.waiting = [] }
                return state.waiting
            }
            for one in waiting { one.resume() }
        }
    }

    private func sender(_ recorder: Recorder, asking provider: Hanging) throws -> OTLPSender<Recorder> {
        try OTLPSender(
            .init(
                endpoint: "http://localhost:1", timeout: .milliseconds(20),
                headersFrom: { _ in await provider.headers() }),
            example: "http://localhost:1", policy: ExportRetryPolicy(), environment: .system
        ) { _ in recorder }
    }

    @Test("a header provider that hangs is not asked again before it has come back")
    func hangingProvider() async throws {
        let recorder = Recorder()
        let provider = Hanging(heedsCancellation: false)
        let sender = try sender(recorder, asking: provider)
        for attempt in 0..<4 {
            guard case .failure(let error) = await sender.send(count: 1, { [1] }) else {
                Issue.record("it was sent")
                return
            }
            #expect(error.code == .noHeaders)
            #expect(
                error.message
                    == (attempt == 0
                        ? "the header provider gave no headers in time"
                        : "the header provider has not come back since it was last asked"))
        }
        #expect(provider.asked == 1)
        provider.release()
        // Between its answer and our having heard of it, a further batch may find it still under way.
        for _ in 0..<1_000 where recorder.bodies.isEmpty { _ = await sender.send(count: 1) { [2] } }
        #expect(recorder.bodies == [[2]])
        await sender.shutdown()
    }

    @Test("a header provider is cancelled when time is over, and asked again for the next batch")
    func cancelledProvider() async throws {
        let provider = Hanging(heedsCancellation: true)
        let sender = try sender(Recorder(), asking: provider)
        for asked in 1...3 {
            _ = await sender.send(count: 1) { [1] }
            #expect(provider.asked == asked)
            #expect(await eventually { provider.running == 0 })
        }
        await sender.shutdown()
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

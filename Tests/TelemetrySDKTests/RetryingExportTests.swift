// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetrySDK
import Testing

@Suite("Export: a receiver that wants to be left alone")
struct RetryingExportTests {
    /// Time that only passes by waiting.
    private final class Time: Sendable {
        private let now = Mutex(Duration.seconds(1_000))
        var environment: RetryEnvironment {
            RetryEnvironment(
                now: { self.now.withLock { $0 } }, sleep: { wait in self.now.withLock { $0 += wait } },
                random: { 0 })
        }
        var passed: Duration { now.withLock { $0 } - .seconds(1_000) }
    }

    private let throttled = ExportAttempt.failed(
        ExportError(code: .refused, endpoint: "here", message: "429"), isRetryable: true,
        serverDelay: .seconds(25))

    @Test(
        "the next batch waits for it as well, and is not sent while that would take longer than its timeout")
    func nextBatch() async {
        let time = Time()
        let export = RetryingExport(timeout: .seconds(10), endpoint: "here", environment: time.environment)
        let sent = Mutex<[Duration]>([])
        func send(_ attempt: ExportAttempt) async -> ExportResult {
            await export.run { _ in
                sent.withLock { $0.append(time.passed) }
                return attempt
            }
        }
        // 25 s are over the timeout: lost at once, as ever.
        guard case .failure = await send(throttled) else { return #expect(Bool(false), "it was delivered") }
        #expect(time.passed == .zero)
        // Two batches use up their time without being sent; the third one's is long enough.
        for _ in 0..<2 {
            guard case .failure(let error) = await send(.delivered(.success())) else {
                return #expect(Bool(false), "it was sent")
            }
            #expect(error.message.hasPrefix("the receiver asked before to be left alone"))
        }
        #expect(time.passed == .seconds(20))
        guard case .success = await send(.delivered(.success())) else {
            return #expect(Bool(false), "it failed")
        }
        #expect(sent.withLock { $0 } == [.zero, .seconds(25)])
    }
}

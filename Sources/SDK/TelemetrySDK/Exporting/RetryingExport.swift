// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What one attempt at a batch came to.
package enum ExportAttempt: Sendable {
    case delivered(ExportResult)
    /// `serverDelay`: what the receiver asked for; nil when it asked for nothing.
    case failed(ExportError, isRetryable: Bool, serverDelay: Duration? = nil)
}

/// Where a retrying export takes time and chance from; tests bring their own.
package struct RetryEnvironment: Sendable {
    /// Time since an arbitrary moment; never goes back.
    package var now: @Sendable () -> Duration
    /// Throws when the task is cancelled.
    package var sleep: @Sendable (Duration) async throws -> Void
    /// A number of 0..<1.
    package var random: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> Duration, sleep: @escaping @Sendable (Duration) async throws -> Void,
        random: @escaping @Sendable () -> Double
    ) {
        self.now = now
        self.sleep = sleep
        self.random = random
    }

    package static let system: RetryEnvironment = {
        let clock = SystemTelemetryClock()
        return RetryEnvironment(
            now: { .nanoseconds(Int64(clamping: clock.monotonicNano)) },
            sleep: { try await Task.sleep(for: $0) },
            random: { Double.random(in: 0..<1) })
    }()
}

/// Repeats attempts at a batch as ``RetryState`` decides, until ``shutDown()``.
package final class RetryingExport: Sendable {
    private struct State {
        var isShutDown = false
        /// Waits between attempts, to be ended by a shutdown.
        var waits: [Int: Task<Void, Never>] = [:]
        var nextWait = 0
        /// Until then the receiver does not want to be asked; a moment of ``RetryEnvironment/now``.
        var notBefore = Duration.zero
    }

    private let policy: ExportRetryPolicy
    private let timeout: Duration
    private let endpoint: String
    private let environment: RetryEnvironment
    private let state = Mutex(State())

    /// `timeout` bounds one call of ``run(_:)``; zero is no timeout.
    package init(
        policy: ExportRetryPolicy = ExportRetryPolicy(), timeout: Duration, endpoint: String,
        environment: RetryEnvironment = .system
    ) {
        self.policy = policy
        self.timeout = min(timeout, .longest)
        self.endpoint = endpoint
        self.environment = environment
    }

    package var isShutDown: Bool { state.withLock(\.isShutDown) }

    /// `attempt` gets the time that is left for it; nil without a timeout.
    package func run(_ attempt: (_ timeLeft: Duration?) async -> ExportAttempt) async -> ExportResult {
        var retry = RetryState(policy: policy, timeout: timeout)
        let start = environment.now()
        // OTLP 1.11.0, "OTLP/HTTP Throttling": "the client SHOULD honor the waiting interval specified in the
        // Retry-After header": also with the batch behind the one that it was said for.
        let rest = state.withLock(\.notBefore) - start
        if rest > .zero {
            let isTooLong = timeout > .zero && rest >= timeout
            await wait(isTooLong ? timeout : rest)
            if isTooLong, !isShutDown, !Task.isCancelled {
                return .failure(
                    ExportError(
                        code: .refused, endpoint: endpoint,
                        message:
                            "the receiver asked before to be left alone for longer than the timeout; not sent"
                    ))
            }
        }
        var attempts = 0
        while true {
            guard !isShutDown, !Task.isCancelled else { return .failure(shutDownError) }
            let timeLeft = timeout > .zero ? max(timeout - (environment.now() - start), .zero) : nil
            attempts += 1
            switch await attempt(timeLeft) {
            case .delivered(let result): return result
            case .failed(let error, let isRetryable, let serverDelay):
                if isRetryable, let serverDelay, serverDelay > .zero {
                    let until = environment.now() + serverDelay
                    state.withLock { $0.notBefore = max($0.notBefore, until) }
                }
                let decision = retry.afterFailure(
                    isRetryable: isRetryable, serverDelay: serverDelay, elapsed: environment.now() - start,
                    random: environment.random())
                switch decision {
                case .giveUp: return .failure(isShutDown ? shutDownError : error)
                case .outOfTime:
                    return .failure(attempts == 1 ? error : error.adding("after \(attempts) attempts"))
                case .retry(let delay): await wait(delay)
                }
            }
        }
    }

    /// Ends the waits; what runs fails. True the first time.
    package func shutDown() -> Bool {
        let waits: [Task<Void, Never>]? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.isShutDown = true
            defer { state.waits = [:] }
            return Array(state.waits.values)
        }
        guard let waits else { return false }
        for wait in waits { wait.cancel() }
        return true
    }

    private func wait(_ delay: Duration) async {
        let sleep = environment.sleep
        // A task of its own, because a shutdown comes from another task and must be able to end it.
        await wait(for: Task { _ = try? await sleep(delay) })
    }

    /// Waits for `task`, and cancels it at a shutdown.
    package func wait(for task: Task<Void, Never>) async {
        let id: Int? = state.withLock { state in
            guard !state.isShutDown else { return nil }
            state.nextWait += 1
            state.waits[state.nextWait] = task
            return state.nextWait
        }
        guard let id else { return task.cancel() }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        state.withLock { state in
            state.waits[id] = nil
        }
    }

    private var shutDownError: ExportError {
        ExportError(code: .shutDown, endpoint: endpoint, message: "the exporter has been shut down")
    }
}

extension ExportError {
    fileprivate func adding(_ remark: String) -> ExportError {
        ExportError(code: code, endpoint: endpoint, message: "\(message), \(remark)")
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension Duration {
    /// Longer than any process runs, and short enough for every clock to add it to its time (292 years of
    /// nanoseconds).
    static let longest = Duration.seconds(100 * 365 * 86_400)
}

/// What `operation` gives, or nil when it takes longer than `timeout`: then it is cancelled, but not waited for,
/// since what hangs may not heed the cancellation.
package func within<Value: Sendable>(
    _ timeout: Duration, _ clock: any Clock<Duration>, _ operation: @escaping @Sendable () async -> Value
) async -> Value? {
    let first = FirstAnswer<Value?>()
    let work = Task.detached { first.give(await operation()) }
    let timer = Task.detached {
        guard (try? await clock.sleep(for: min(timeout, .longest))) != nil else { return }
        first.give(nil)
    }
    let answer = await first.value
    work.cancel()
    timer.cancel()
    return answer
}

extension Task<FlushReport, Never>? {
    /// For whoever asks for the end a second time: waits until the first shutdown is over. What it lost, it
    /// has told its own caller.
    func afterwards(atMost timeout: Duration, _ clock: any Clock<Duration>) async -> FlushReport {
        guard let ending = self else { return FlushReport(.alreadyShutDown) }
        let isOver = await within(timeout, clock) { _ = await ending.value } != nil
        return FlushReport(isOver ? .alreadyShutDown : .timedOut)
    }
}

/// Keeps the first of several answers.
final class FirstAnswer<Value: Sendable>: Sendable {
    private enum State {
        case empty
        case awaited(CheckedContinuation<Value, Never>)
        case given(Value)
        case taken
    }

    private let state = Mutex(State.empty)

    func give(_ value: Value) {
        let waiter = state.withLock { state -> CheckedContinuation<Value, Never>? in
            switch state {
            case .empty:
                state = .given(value)
                return nil
            case .awaited(let waiter):
                state = .taken
                return waiter
            case .given, .taken: return nil
            }
        }
        waiter?.resume(returning: value)
    }

    var value: Value {
        get async {
            await withCheckedContinuation { continuation in
                let given = state.withLock { state -> Value? in
                    guard case .given(let value) = state else {
                        state = .awaited(continuation)
                        return nil
                    }
                    state = .taken
                    return value
                }
                if let given { continuation.resume(returning: given) }
            }
        }
    }
}

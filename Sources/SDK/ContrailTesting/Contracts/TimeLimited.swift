// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What `body` gives, nil when it takes longer than `limit`: then it is cancelled, and not waited for.
func outcome<Value: Sendable>(
    within limit: Duration, _ body: @escaping @Sendable () async -> Value
) async -> Value? {
    let race = Race<Value>()
    let work = Task.detached { race.finish(await body()) }
    let timer = Task.detached {
        try? await Task.sleep(for: limit)
        race.finish(nil)
        work.cancel()
    }
    let value = await race.value
    timer.cancel()
    return value
}

/// Takes the first of several answers.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case running(CheckedContinuation<Value?, Never>?)
        case finished(Value?)
    }

    private let state = Mutex(State.running(nil))

    var value: Value? {
        get async {
            await withCheckedContinuation { continuation in
                let finished = state.withLock { state -> Value?? in
                    if case .finished(let value) = state { return .some(value) }
                    state = .running(continuation)
                    return nil
                }
                if let finished { continuation.resume(returning: finished) }
            }
        }
    }

    func finish(_ value: Value?) {
        let waiting = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            guard case .running(let waiting) = state else { return nil }
            state = .finished(value)
            return waiting
        }
        waiting?.resume(returning: value)
    }
}

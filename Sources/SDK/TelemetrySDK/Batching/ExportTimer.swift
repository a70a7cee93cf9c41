// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Tells when an export takes too long. One task with one sleep watches all exports from the first ``begin(_:)`` to
/// ``rest()``: under load, starting and ending a timer with each export would cost more than the export.
protocol ExportTimer: Sendable {
    /// An export begins; `timedOut` is called if it has not ended in time.
    func begin(_ timedOut: @escaping @Sendable () -> Void)

    func end()

    /// No export is to come for some time.
    func rest()
}

func makeExportTimer(_ timeout: Duration, _ clock: some Clock<Duration>) -> any ExportTimer {
    ClockedExportTimer(timeout, clock)
}

private final class ClockedExportTimer<Clock: _Concurrency.Clock>: ExportTimer
where Clock.Duration == Duration {
    private struct State {
        var deadline: Clock.Instant?
        var timedOut: (@Sendable () -> Void)?
        var task: Task<Void, Never>?
    }

    private let timeout: Duration
    private let clock: Clock
    private let state = Mutex(State())

    init(_ timeout: Duration, _ clock: Clock) {
        self.timeout = timeout
        self.clock = clock
    }

    func begin(_ timedOut: @escaping @Sendable () -> Void) {
        let deadline = clock.now.advanced(by: timeout)
        state.withLock { state in
            state.deadline = deadline
            state.timedOut = timedOut
            if state.task == nil { state.task = Task.detached { await self.watch(deadline) } }
        }
    }

    func end() {
        state.withLock { state in
            state.deadline = nil
            state.timedOut = nil
        }
    }

    func rest() {
        let task = state.withLock { state in
            defer { state.task = nil }
            return state.task
        }
        task?.cancel()
    }

    private func watch(_ first: Clock.Instant) async {
        var next = first
        while true {
            guard (try? await clock.sleep(until: next, tolerance: nil)) != nil else { return }
            // The export of this deadline may be over, and another one under way.
            let now = clock.now
            let timedOut = state.withLock { state -> (@Sendable () -> Void)? in
                guard let deadline = state.deadline, deadline <= now else {
                    next = state.deadline ?? now.advanced(by: timeout)
                    return nil
                }
                state.deadline = nil
                next = now.advanced(by: timeout)
                defer { state.timedOut = nil }
                return state.timedOut
            }
            timedOut?()
        }
    }
}

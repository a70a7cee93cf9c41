// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Time that passes only by sleeping, at once; remembers the sleeps.
package final class FakeTime: Sendable {
    private struct State {
        var now: Duration = .zero
        var sleeps: [Duration] = []
    }

    private let state = Mutex(State())

    package init() {}

    package var now: Duration { state.withLock(\.now) }
    package var sleeps: [Duration] { state.withLock(\.sleeps) }

    package func sleep(_ duration: Duration) {
        state.withLock { state in
            state.now += duration
            state.sleeps.append(duration)
        }
    }
}

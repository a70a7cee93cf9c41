// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK
import Testing

@Suite("Export: when to try again")
struct RetryStateTests {
    private var policy: ExportRetryPolicy {
        var policy = ExportRetryPolicy()
        policy.initialDelay = .seconds(1)
        policy.delayMax = .seconds(5)
        policy.multiplier = 2
        policy.jitter = 0.5
        return policy
    }

    @Test("waits double up to the longest one")
    func grows() {
        var state = RetryState(policy: policy, timeout: .seconds(1_000))
        let decisions = (0..<5).map { _ in
            state.afterFailure(isRetryable: true, serverDelay: nil, elapsed: .zero, random: 0)
        }
        #expect(decisions == [1, 2, 4, 5, 5].map { .retry(after: .seconds($0)) })
    }

    @Test("chance takes up to its share of a wait")
    func jitter() {
        var state = RetryState(policy: policy, timeout: .zero)
        #expect(
            state.afterFailure(isRetryable: true, serverDelay: nil, elapsed: .zero, random: 0.5)
                == .retry(after: .milliseconds(750)))
    }

    @Test("what cannot be mended is given up at once, whatever the receiver asks for")
    func notRetryable() {
        var state = RetryState(policy: policy, timeout: .zero)
        #expect(
            state.afterFailure(isRetryable: false, serverDelay: .seconds(1), elapsed: .zero, random: 0)
                == .giveUp)
    }

    @Test("the receiver's wait is kept, never shortened by chance; zero leaves it to us")
    func serverDelay() {
        for random in [0, 0.5, 0.999] {
            var state = RetryState(policy: policy, timeout: .zero)
            guard
                case .retry(let wait) = state.afterFailure(
                    isRetryable: true, serverDelay: .seconds(7), elapsed: .zero, random: random)
            else {
                Issue.record("no retry")
                continue
            }
            #expect(wait >= .seconds(7) && wait <= .seconds(8))
        }
        var state = RetryState(policy: policy, timeout: .zero)
        #expect(
            state.afterFailure(isRetryable: true, serverDelay: .zero, elapsed: .zero, random: 0)
                == .retry(after: .seconds(1)))
    }

    @Test("an attempt that would begin after the timeout is not waited for")
    func outOfTime() {
        var state = RetryState(policy: policy, timeout: .seconds(3))
        #expect(
            state.afterFailure(isRetryable: true, serverDelay: nil, elapsed: .seconds(1), random: 0)
                == .retry(after: .seconds(1)))
        #expect(
            state.afterFailure(isRetryable: true, serverDelay: nil, elapsed: .seconds(2), random: 0)
                == .outOfTime)
        #expect(
            state.afterFailure(isRetryable: true, serverDelay: .seconds(60), elapsed: .zero, random: 0)
                == .outOfTime)
    }

    @Test("without a timeout a batch is given up after the policy's longest time")
    func noTimeout() {
        var state = RetryState(policy: policy, timeout: .zero)
        #expect(
            state.afterFailure(isRetryable: true, serverDelay: nil, elapsed: .seconds(300), random: 0)
                == .outOfTime)
    }
}

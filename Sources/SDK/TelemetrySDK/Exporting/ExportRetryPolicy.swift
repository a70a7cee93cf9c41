// SPDX-License-Identifier: Apache-2.0

/// How long an exporter waits between attempts.
///
/// OTLP 1.11.0 asks for "an exponential back-off strategy with jitter" and names no figures.
package struct ExportRetryPolicy: Hashable, Sendable {
    /// Wait after the first failure.
    package var initialDelay: Duration = .milliseconds(500)
    /// Waits grow to this and no further.
    package var delayMax: Duration = .seconds(10)
    package var multiplier = 2.0
    /// Part of a wait that is left to chance, so that clients of one receiver do not come back all at once: a
    /// wait of 1 s with 0.5 is one of 0.5 to 1 s.
    package var jitter = 0.5
    /// Time for one batch when the exporter has no timeout; then it is given up. As the Collector's
    /// `max_elapsed_time`.
    package var elapsedMax: Duration = .seconds(300)

    package init() {}
}

/// Decides after each failed attempt at one batch whether there is another, and when. No clock, no I/O.
package struct RetryState: Sendable {
    package enum Decision: Hashable, Sendable {
        case retry(after: Duration)
        /// The failure can not be mended by asking again.
        case giveUp
        /// Another attempt would begin after the time for the batch is over.
        case outOfTime
    }

    private let policy: ExportRetryPolicy
    private let budget: Duration
    private var nextDelay: Duration

    /// `timeout` bounds all attempts and the waits between them; zero is no timeout.
    package init(policy: ExportRetryPolicy, timeout: Duration) {
        self.policy = policy
        budget = timeout > .zero ? timeout : policy.elapsedMax
        nextDelay = policy.initialDelay
    }

    /// `isRetryable`: whether the protocol allows to send the same batch again. `serverDelay`: what the
    /// receiver asked for (`Retry-After`, `RetryInfo`), nil for nothing. `elapsed`: time since the first
    /// attempt began. `random`: a number of 0..<1.
    package mutating func afterFailure(
        isRetryable: Bool, serverDelay: Duration?, elapsed: Duration, random: Double
    ) -> Decision {
        guard isRetryable else { return .giveUp }
        var delay = nextDelay * (1 - policy.jitter * random)
        nextDelay = min(nextDelay * policy.multiplier, policy.delayMax)
        // OTLP 1.11.0, "OTLP/HTTP Throttling": "the client SHOULD honor the waiting interval specified in the
        // Retry-After header". Never earlier, and a zero leaves the wait to us.
        if let serverDelay, serverDelay > .zero {
            delay = serverDelay + policy.initialDelay * (policy.jitter * random)
        }
        return elapsed + delay < budget ? .retry(after: delay) : .outOfTime
    }
}

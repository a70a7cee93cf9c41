// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel

/// Samples as an endpoint says, which a ``SamplingStrategyPoller`` asks again and again; before its first answer as
/// the initial sampler says.
///
/// The parent's decision is ignored; put it into ``ParentBasedSampler``. Kept spans get `jaeger.sampler.type` and
/// `jaeger.sampler.param`, as in OpenTelemetry Go.
/// Source: OpenTelemetry specification 1.60, "JaegerRemoteSampler".
public final class JaegerRemoteSampler: Sampler {
    private let initial: any Sampler
    private let clock: any TelemetryClock
    private let state = Mutex<RemoteSamplingState?>(nil)

    /// - Parameters:
    ///   - initialSampler: decides before the first answer.
    ///   - clock: measures rates.
    public init(
        initialSampler: any Sampler = TraceIDRatioBasedSampler(ratio: 0.001),
        clock: any TelemetryClock = SystemTelemetryClock()
    ) {
        initial = initialSampler
        self.clock = clock
    }

    /// What holds; nil before the first answer.
    public var strategy: RemoteSamplingStrategy? { state.withLock { $0?.strategy } }

    /// Samples by `strategy` from now on.
    public func update(_ strategy: RemoteSamplingStrategy) {
        let now = clock.monotonicNano
        state.withLock { state in
            if state == nil {
                state = RemoteSamplingState(strategy, at: now)
            } else {
                state?.update(strategy, at: now)
            }
        }
    }

    public func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        let now = clock.monotonicNano
        let (isInitial, kept) = state.withLock { state -> (Bool, RemoteSamplingState.Kept?) in
            (state == nil, state?.decide(request.name, request.traceID, at: now))
        }
        if isInitial { return initial.shouldSample(request) }
        var result = SamplingResult(kept == nil ? .drop : .recordAndSample, for: request)
        switch kept {
        case nil: break
        case .probabilistic(let rate):
            result.attributes = [
                "jaeger.sampler.type": "probabilistic", "jaeger.sampler.param": .double(rate),
            ]
        case .rateLimiting(let rate):
            result.attributes = [
                "jaeger.sampler.type": "ratelimiting", "jaeger.sampler.param": .double(rate),
            ]
        }
        return result
    }

    /// Changes with the strategy.
    public var description: String {
        let shown =
            switch strategy {
            case nil: "initial:\(initial.description)"
            case .probabilistic(let rate): "probabilistic:\(rate)"
            case .rateLimiting(let rate): "rateLimiting:\(rate)/s"
            case .perOperation(let operations):
                "perOperation:\(operations.rates.count),default:\(operations.standardRate)"
            }
        return "JaegerRemoteSampler{\(shown)}"
    }
}

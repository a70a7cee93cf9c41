// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Where sampling strategies come from.
public protocol SamplingStrategySource: Sendable {
    /// The strategy of the service that asks, as JSON of at most ``RemoteSamplingStrategy/answerBytesMax`` bytes.
    ///
    /// Has to end by itself, in error if there is no answer; asked by one task at a time.
    func strategy() async throws(RemoteSamplingError) -> [UInt8]

    /// Lets go of what asking needs. Called once, after the last question.
    func shutdown() async
}

/// Asks a source again and again, and hands what it says to a sampler. A failure changes nothing: the last strategy
/// holds; it is said once, until there is another or an answer.
public final class SamplingStrategyPoller: Sendable {
    private let source: any SamplingStrategySource
    private let sampler: JaegerRemoteSampler
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let report: @Sendable (RemoteSamplingError) -> Void

    private enum Phase {
        case idle
        case running(Task<Void, Never>)
        case ended
    }

    private let phase = Mutex(Phase.idle)
    private let lastFailure = Mutex<RemoteSamplingError?>(nil)

    /// - Parameters:
    ///   - source: is asked, at once and then after each interval.
    ///   - sampler: follows.
    ///   - interval: from one answer to the next question.
    ///   - clock: for the interval.
    public convenience init(
        source: any SamplingStrategySource, sampler: JaegerRemoteSampler, interval: Duration,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.init(source: source, sampler: sampler, interval: interval, clock: clock) { error in
            SDKDiagnostics.report(.sampling("\(error); the last sampling strategy holds"))
        }
    }

    package init(
        source: any SamplingStrategySource, sampler: JaegerRemoteSampler, interval: Duration,
        clock: any Clock<Duration>, report: @escaping @Sendable (RemoteSamplingError) -> Void
    ) {
        self.source = source
        self.sampler = sampler
        self.interval = interval
        self.clock = clock
        self.report = report
    }

    /// Begins to ask, once.
    public func start() {
        phase.withLock { phase in
            guard case .idle = phase else { return }
            phase = .running(
                Task.detached { [self] in
                    while !Task.isCancelled {
                        await poll()
                        do { try await clock.sleep(for: interval) } catch { break }
                    }
                })
        }
    }

    /// Stops asking; the last strategy holds. Returns when nothing is under way any more.
    public func stop() async {
        let last = phase.withLock { phase in
            defer { phase = .ended }
            return phase
        }
        switch last {
        case .ended: return
        case .idle: break
        case .running(let task):
            task.cancel()
            await task.value
        }
        await source.shutdown()
    }

    /// Asks once.
    package func poll() async {
        do throws(RemoteSamplingError) {
            let json = try await source.strategy()
            sampler.update(try RemoteSamplingStrategy(json: json))
            lastFailure.withLock { $0 = nil }
        } catch {
            guard !Task.isCancelled else { return }
            let isNew = lastFailure.withLock { last in
                defer { last = error }
                return last != error
            }
            if isNew { report(error) }
        }
    }
}

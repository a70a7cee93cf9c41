// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// What a strategy has come to so far: which traces it keeps, and how much of its rates is used up. Pure.
struct RemoteSamplingState: Sendable {
    /// What decided to keep a span, for the attributes `jaeger.sampler.type` and `jaeger.sampler.param`.
    enum Kept: Hashable, Sendable {
        case probabilistic(Double)
        case rateLimiting(Double)
    }

    private(set) var strategy: RemoteSamplingStrategy
    /// For the whole service.
    private var bucket: TokenBucket?
    /// For each operation, once it has been met.
    private var operations: [String: TokenBucket] = [:]

    init(_ strategy: RemoteSamplingStrategy, at nano: UInt64) {
        self.strategy = strategy
        if case .rateLimiting(let perSecond) = strategy {
            bucket = TokenBucket(perSecond: perSecond, at: nano)
        }
    }

    /// Takes a new strategy over; what has been saved in the buckets stays, so that polling does not refill them.
    mutating func update(_ new: RemoteSamplingStrategy, at nano: UInt64) {
        guard new != strategy else { return }
        strategy = new
        switch new {
        case .probabilistic:
            bucket = nil
            operations = [:]
        case .rateLimiting(let perSecond):
            operations = [:]
            if bucket == nil { bucket = TokenBucket(perSecond: perSecond, at: nano) }
            bucket?.change(perSecond: perSecond)
        case .perOperation(let new):
            bucket = nil
            guard new.tracesPerSecondMin > 0 else { return operations = [:] }
            for name in Array(operations.keys) { operations[name]?.change(perSecond: new.tracesPerSecondMin) }
        }
    }

    /// Nil drops.
    mutating func decide(_ name: String, _ id: TraceID, at nano: UInt64) -> Kept? {
        switch strategy {
        case .probabilistic(let rate): return Self.keeps(id, rate) ? .probabilistic(rate) : nil
        case .rateLimiting(let perSecond):
            return bucket?.take(at: nano) == true ? .rateLimiting(perSecond) : nil
        case .perOperation(let rates):
            let rate = rates.rates[name] ?? rates.standardRate
            let isKept = Self.keeps(id, rate)
            let isOwed = takes(name, rates, at: nano)
            return isKept ? .probabilistic(rate) : isOwed ? .rateLimiting(rates.tracesPerSecondMin) : nil
        }
    }

    /// Whether the operation has not had its least yet. Counts also what is kept by its rate.
    private mutating func takes(
        _ name: String, _ rates: RemoteSamplingStrategy.Operations, at nano: UInt64
    ) -> Bool {
        guard rates.tracesPerSecondMin > 0 else { return false }
        if operations[name] == nil {
            guard operations.count < RemoteSamplingStrategy.operationsMax else { return false }
            operations[name] = TokenBucket(perSecond: rates.tracesPerSecondMin, at: nano)
        }
        return operations[name]?.take(at: nano) == true
    }

    private static func keeps(_ id: TraceID, _ rate: Double) -> Bool {
        TraceIDRatioBasedSampler(ratio: rate).keeps(id)
    }
}

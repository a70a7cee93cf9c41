// SPDX-License-Identifier: Apache-2.0

/// What an endpoint for sampling says to one service: `SamplingStrategyResponse`.
///
/// Which member is set says which strategy it is; the field `strategyType`, which repeats that as a name in new senders
/// and as a number in old ones, is written and not read.
/// Source: jaeger-idl, `api_v2/sampling.proto`, in proto3's JSON.
package struct SamplingStrategyMessage: Hashable, Sendable {
    package var probabilistic: Probabilistic?
    package var rateLimiting: RateLimiting?
    package var operations: Operations?

    package init(
        probabilistic: Probabilistic? = nil, rateLimiting: RateLimiting? = nil, operations: Operations? = nil
    ) {
        self.probabilistic = probabilistic
        self.rateLimiting = rateLimiting
        self.operations = operations
    }

    /// `ProbabilisticSamplingStrategy`
    package struct Probabilistic: Hashable, Sendable {
        /// Share of traces, 0 to 1.
        package var samplingRate: Double

        package init(samplingRate: Double = 0) { self.samplingRate = samplingRate }
    }

    /// `RateLimitingSamplingStrategy`
    package struct RateLimiting: Hashable, Sendable {
        /// An `int32` in the definition; fractions are read too.
        package var maxTracesPerSecond: Double

        package init(maxTracesPerSecond: Double = 0) { self.maxTracesPerSecond = maxTracesPerSecond }
    }

    /// `OperationSamplingStrategy`
    package struct Operation: Hashable, Sendable {
        package var operation: String
        package var probabilistic: Probabilistic?

        package init(operation: String = "", probabilistic: Probabilistic? = nil) {
            self.operation = operation
            self.probabilistic = probabilistic
        }
    }

    /// `PerOperationSamplingStrategies`
    package struct Operations: Hashable, Sendable {
        /// For operations that are not listed.
        package var defaultSamplingProbability: Double
        /// What each operation gets at least.
        package var defaultLowerBoundTracesPerSecond: Double
        package var perOperationStrategies: [Operation]

        package init(
            defaultSamplingProbability: Double = 0, defaultLowerBoundTracesPerSecond: Double = 0,
            perOperationStrategies: [Operation] = []
        ) {
            self.defaultSamplingProbability = defaultSamplingProbability
            self.defaultLowerBoundTracesPerSecond = defaultLowerBoundTracesPerSecond
            self.perOperationStrategies = perOperationStrategies
        }
    }
}

extension SamplingStrategyMessage: WireMessage {
    static var wireDefault: SamplingStrategyMessage { SamplingStrategyMessage() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.optionalMessage(2, "probabilisticSampling", \.probabilistic)
        try walker.optionalMessage(3, "rateLimitingSampling", \.rateLimiting)
        try walker.optionalMessage(4, "operationSampling", \.operations)
    }
}

// The numbers that decide are always written: a 0 that is left out reads as one that was forgotten.
extension SamplingStrategyMessage.Probabilistic: WireMessage {
    static var wireDefault: Self { Self() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.member(1, "samplingRate", \.writtenRate, Float64.self)
    }

    private var writtenRate: Double? {
        get { samplingRate }
        set { samplingRate = newValue ?? 0 }
    }
}

extension SamplingStrategyMessage.RateLimiting: WireMessage {
    static var wireDefault: Self { Self() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        // Older readers take a whole number only.
        try walker.member(1, "maxTracesPerSecond", \.wholeRate, Signed32.self)
    }

    private var wholeRate: Int32? {
        get { Int32(exactly: maxTracesPerSecond.rounded()) }
        set { maxTracesPerSecond = Double(newValue ?? 0) }
    }
}

extension SamplingStrategyMessage.Operation: WireMessage {
    static var wireDefault: Self { Self() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "operation", \.operation, Text.self)
        try walker.optionalMessage(2, "probabilisticSampling", \.probabilistic)
    }
}

extension SamplingStrategyMessage.Operations: WireMessage {
    static var wireDefault: Self { Self() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.member(1, "defaultSamplingProbability", \.writtenDefault, Float64.self)
        try walker.field(
            2, "defaultLowerBoundTracesPerSecond", \.defaultLowerBoundTracesPerSecond, Float64.self)
        try walker.messages(3, "perOperationStrategies", \.perOperationStrategies)
    }

    private var writtenDefault: Double? {
        get { defaultSamplingProbability }
        set { defaultSamplingProbability = newValue ?? 0 }
    }
}

extension SamplingStrategyMessage: OTLPMessage {
    package static let codec = MessageCodec(SamplingStrategyMessage.self)
}

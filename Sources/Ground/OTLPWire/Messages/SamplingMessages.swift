// SPDX-License-Identifier: Apache-2.0

/// What an endpoint for sampling says to one service: `SamplingStrategyResponse`.
///
/// Which member is set says which strategy it is; the field `strategyType`, which repeats that as a name in new
/// senders and as a number in old ones, is written and not read.
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
        package var maxTracesPerSecond: Int32

        package init(maxTracesPerSecond: Int32 = 0) { self.maxTracesPerSecond = maxTracesPerSecond }
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
        if Walker.isJSON { try walker.field(1, "strategyType", \.typeName, WrittenName.self) }
        try walker.optionalMessage(2, "probabilisticSampling", \.probabilistic)
        try walker.optionalMessage(3, "rateLimitingSampling", \.rateLimiting)
        try walker.optionalMessage(4, "operationSampling", \.operations)
    }

    private var typeName: String {
        get { rateLimiting != nil && probabilistic == nil ? "RATE_LIMITING" : "PROBABILISTIC" }
        set {}
    }
}

/// A name of an enumeration that is written in JSON, and skipped whatever a sender has put there.
private enum WrittenName: FieldEncoding {
    static var wireType: WireType { .lengthDelimited }
    static func isDefault(_ value: String) -> Bool { value.isEmpty }
    static func write(_ value: String, to output: inout ByteSink) { Text.write(value, to: &output) }
    static func read(from input: inout ProtobufInput) throws(WireError) -> String {
        try Text.read(from: &input)
    }
    static func writeJSON(_ value: String, to output: inout ByteSink) { output.jsonString(value) }
    static func readJSON(from input: inout JSONInput) throws(WireError) -> String {
        try input.skipValue()
        return ""
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
        try walker.member(1, "maxTracesPerSecond", \.writtenMaximum, Signed32.self)
    }

    private var writtenMaximum: Int32? {
        get { maxTracesPerSecond }
        set { maxTracesPerSecond = newValue ?? 0 }
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

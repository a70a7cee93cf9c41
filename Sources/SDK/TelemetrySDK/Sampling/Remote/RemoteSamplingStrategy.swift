// SPDX-License-Identifier: Apache-2.0

import OTLPWire

/// How an endpoint wants one service to be sampled.
///
/// Every value of this type can be used: rates are in their ranges, and there are at most ``operationsMax``
/// operations. Source: Jaeger 2.14, "Remote Sampling"; jaeger-idl, `api_v2/sampling.proto`.
public enum RemoteSamplingStrategy: Hashable, Sendable {
    /// This share of traces, 0 to 1.
    case probabilistic(Double)
    /// At most so many traces in a second.
    case rateLimiting(Double)
    /// By the name of the span.
    case perOperation(Operations)

    /// Rates by the name of the span.
    public struct Operations: Hashable, Sendable {
        /// Share of traces, 0 to 1, of each name that is listed.
        public var rates: [String: Double]
        /// Share of traces of all other names.
        public var standardRate: Double
        /// Traces in a second that each name gets at least.
        public var tracesPerSecondMin: Double

        public init(rates: [String: Double], standardRate: Double, tracesPerSecondMin: Double = 0) {
            self.rates = rates
            self.standardRate = standardRate
            self.tracesPerSecondMin = tracesPerSecondMin
        }
    }

    /// Bytes of an answer; a longer one is refused whole.
    public static let answerBytesMax = 1 << 20
    /// Names in one strategy, listed or met; those beyond get the standard rate without a lower bound. As in
    /// OpenTelemetry Go.
    public static let operationsMax = 2_000

    /// Reads the JSON of `GET /sampling?service=NAME`.
    ///
    /// Throws what is wrong with it, in one line that holds nothing of the answer but the place.
    public init(json: [UInt8]) throws(RemoteSamplingError) {
        var limits = WireLimits()
        limits.messageBytes = Self.answerBytesMax
        limits.depth = 16
        limits.decodedBytes = 8 * Self.answerBytesMax
        let message: SamplingStrategyMessage
        do throws(WireError) {
            message = try OTLPJSON.decode(SamplingStrategyMessage.self, from: json, limits: limits)
        } catch {
            throw RemoteSamplingError("the answer is no sampling strategy: \(error)")
        }
        try self.init(message)
    }

    // As OpenTelemetry Go does: operations first, then the member that is there.
    private init(_ message: SamplingStrategyMessage) throws(RemoteSamplingError) {
        if let operations = message.operations {
            var rates: [String: Double] = [:]
            for (index, operation) in operations.perOperationStrategies.enumerated() {
                guard let rate = operation.probabilistic?.samplingRate else { continue }
                let place =
                    "operationSampling.perOperationStrategies[\(index)].probabilisticSampling.samplingRate"
                rates[operation.operation] = try Self.share(rate, place)
            }
            guard rates.count <= Self.operationsMax else {
                throw RemoteSamplingError(
                    "the answer has \(rates.count) operations, over \(Self.operationsMax)")
            }
            let minimum = operations.defaultLowerBoundTracesPerSecond
            self = .perOperation(
                Operations(
                    rates: rates,
                    standardRate: try Self.share(
                        operations.defaultSamplingProbability, "operationSampling.defaultSamplingProbability"),
                    tracesPerSecondMin: try Self.speed(
                        minimum, "operationSampling.defaultLowerBoundTracesPerSecond")))
        } else if let probabilistic = message.probabilistic {
            self = .probabilistic(
                try Self.share(probabilistic.samplingRate, "probabilisticSampling.samplingRate"))
        } else if let rateLimiting = message.rateLimiting {
            self = .rateLimiting(
                try Self.speed(
                    Double(rateLimiting.maxTracesPerSecond), "rateLimitingSampling.maxTracesPerSecond"))
        } else {
            throw RemoteSamplingError(
                "the answer has none of probabilisticSampling, rateLimitingSampling and operationSampling")
        }
    }

    private static func share(_ value: Double, _ place: String) throws(RemoteSamplingError) -> Double {
        guard (0...1).contains(value) else {
            throw RemoteSamplingError("\(place) is \(value); it must be from 0 to 1")
        }
        return value
    }

    private static func speed(_ value: Double, _ place: String) throws(RemoteSamplingError) -> Double {
        guard value >= 0, value.isFinite else {
            throw RemoteSamplingError("\(place) is \(value); it must be a number of traces in a second")
        }
        return value
    }
}

/// Why there is no new sampling strategy.
public struct RemoteSamplingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One line, without secrets.
    public let description: String

    public init(_ description: String) { self.description = description }
}

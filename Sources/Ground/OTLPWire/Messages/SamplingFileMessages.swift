// SPDX-License-Identifier: Apache-2.0

/// A file of sampling strategies, as Jaeger's `--sampling.strategies-file` takes it. JSON only.
package struct SamplingFileMessage: Hashable, Sendable {
    package var defaultStrategy: Service?
    package var serviceStrategies: [Service]

    package init(defaultStrategy: Service? = nil, serviceStrategies: [Service] = []) {
        self.defaultStrategy = defaultStrategy
        self.serviceStrategies = serviceStrategies
    }

    /// What holds for one service, or for all that are not listed.
    package struct Service: Hashable, Sendable {
        package var service = ""
        /// `probabilistic` or `ratelimiting`.
        package var type = ""
        /// A share, or traces in a second; nil when it is missing.
        package var parameter: Double?
        package var operations: [Operation] = []

        package init() {}
    }

    /// What holds for one operation, the name of a span.
    package struct Operation: Hashable, Sendable {
        package var operation = ""
        package var type = ""
        package var parameter: Double?

        package init() {}
    }
}

extension SamplingFileMessage: WireMessage {
    static var wireDefault: SamplingFileMessage { SamplingFileMessage() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.optionalMessage(1, "default_strategy", \.defaultStrategy)
        try walker.messages(2, "service_strategies", \.serviceStrategies)
    }
}

extension SamplingFileMessage.Service: WireMessage {
    static var wireDefault: Self { Self() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "service", \.service, Text.self)
        try walker.field(2, "type", \.type, Text.self)
        try walker.member(3, "param", \.parameter, Float64.self)
        try walker.messages(4, "operation_strategies", \.operations)
    }
}

extension SamplingFileMessage.Operation: WireMessage {
    static var wireDefault: Self { Self() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "operation", \.operation, Text.self)
        try walker.field(2, "type", \.type, Text.self)
        try walker.member(3, "param", \.parameter, Float64.self)
    }
}

extension SamplingFileMessage: OTLPMessage {
    package static let codec = MessageCodec(SamplingFileMessage.self)
}

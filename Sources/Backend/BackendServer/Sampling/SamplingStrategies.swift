// SPDX-License-Identifier: Apache-2.0

package import OTLPWire

/// What each service is told about its sampling, made from a file in Jaeger's format. Pure.
///
/// Source: Jaeger 2.14, "File-based Sampling Configuration"; what a service says not, the default says.
package struct SamplingStrategies: Hashable, Sendable {
    private let services: [String: SamplingStrategyMessage]
    private let standard: SamplingStrategyMessage
    /// What in the file has no effect, for people to read.
    package let warnings: [String]

    /// Jaeger's share of traces where a file says none.
    package static let standardRate = 0.001
    /// Bytes of a file; a longer one is refused.
    package static let fileBytesMax = 4 << 20

    /// Reads a file. Throws its place and what is expected there.
    package init(json: [UInt8]) throws(SamplingStrategiesError) {
        var limits = WireLimits()
        limits.messageBytes = Self.fileBytesMax
        limits.depth = 32
        let file: SamplingFileMessage
        do throws(WireError) {
            file = try OTLPJSON.decode(SamplingFileMessage.self, from: json, limits: limits)
        } catch {
            throw SamplingStrategiesError(error, in: json)
        }
        var warnings: [String] = []
        let standard =
            try file.defaultStrategy.map { (service) throws(SamplingStrategiesError) in
                try Self.strategy(service, "default_strategy", &warnings)
            }
            ?? SamplingStrategyMessage(probabilistic: .init(samplingRate: Self.standardRate))
        var services: [String: SamplingStrategyMessage] = [:]
        for (index, service) in file.serviceStrategies.enumerated() {
            let place = "service_strategies[\(index)]"
            guard !service.service.isEmpty else {
                throw SamplingStrategiesError("\(place) has no service; it must be a service's name")
            }
            guard services[service.service] == nil else {
                throw SamplingStrategiesError(
                    "\(place).service is '\(service.service)' a second time; each service may stand once")
            }
            services[service.service] = try Self.strategy(service, place, &warnings).completed(by: standard)
        }
        self.services = services
        self.standard = standard
        self.warnings = warnings
    }

    /// What `service` is told.
    package func strategy(for service: String) -> SamplingStrategyMessage { services[service] ?? standard }

    private static func strategy(
        _ service: SamplingFileMessage.Service, _ place: String, _ warnings: inout [String]
    ) throws(SamplingStrategiesError) -> SamplingStrategyMessage {
        var strategy = SamplingStrategyMessage()
        switch service.type {
        case "probabilistic":
            strategy.probabilistic = .init(samplingRate: try share(service.parameter, place))
        case "ratelimiting":
            strategy.rateLimiting = .init(maxTracesPerSecond: try speed(service.parameter, place))
        default: throw .type(service.type, place)
        }
        guard !service.operations.isEmpty else { return strategy }
        var operations = SamplingStrategyMessage.Operations(
            defaultSamplingProbability: strategy.probabilistic?.samplingRate ?? standardRate)
        for (index, operation) in service.operations.enumerated() {
            let place = "\(place).operation_strategies[\(index)]"
            guard !operation.operation.isEmpty else {
                throw SamplingStrategiesError("\(place) has no operation; it must be a span's name")
            }
            switch operation.type {
            case "probabilistic":
                operations.perOperationStrategies.append(
                    .init(
                        operation: operation.operation,
                        probabilistic: .init(samplingRate: try share(operation.parameter, place))))
            // As Jaeger: the protocol has no such thing.
            case "ratelimiting":
                _ = try speed(operation.parameter, place)
                warnings.append("\(place) is left out: operations can only be probabilistic")
            default: throw .type(operation.type, place)
            }
        }
        strategy.operations = operations
        return strategy
    }

    private static func share(_ value: Double?, _ place: String) throws(SamplingStrategiesError) -> Double {
        guard let value else {
            throw SamplingStrategiesError("\(place) has no param; it must be a share of traces from 0 to 1")
        }
        guard (0...1).contains(value) else {
            throw SamplingStrategiesError(
                "\(place).param is \(value); it must be a share of traces from 0 to 1")
        }
        return value
    }

    private static func speed(_ value: Double?, _ place: String) throws(SamplingStrategiesError) -> Int32 {
        guard let value else {
            throw SamplingStrategiesError("\(place) has no param; it must be a number of traces in a second")
        }
        guard let whole = Int32(exactly: value), whole >= 0 else {
            throw SamplingStrategiesError(
                "\(place).param is \(value); it must be a whole number of traces in a second")
        }
        return whole
    }
}

extension SamplingStrategyMessage {
    // As Jaeger: a service's own operations, then those of the default strategy; its own rate for all others.
    fileprivate func completed(by standard: SamplingStrategyMessage) -> SamplingStrategyMessage {
        guard var inherited = standard.operations else { return self }
        var copy = self
        if var own = operations {
            let known = Set(own.perOperationStrategies.map(\.operation))
            own.perOperationStrategies += inherited.perOperationStrategies.filter {
                !known.contains($0.operation)
            }
            copy.operations = own
        } else {
            if let rate = probabilistic?.samplingRate { inherited.defaultSamplingProbability = rate }
            copy.operations = inherited
        }
        return copy
    }
}

/// What is wrong with a file of sampling strategies: the place and what is expected there, in one line.
package struct SamplingStrategiesError: Error, Hashable, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }

    /// A place in bytes becomes one that an editor shows.
    init(_ error: WireError, in json: [UInt8]) {
        let before = json.prefix(error.offset)
        let line = before.count { $0 == UInt8(ascii: "\n") } + 1
        let column = before.count - (before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0) + 1
        let field = error.path.isEmpty ? "" : ", in \(error.path)"
        self.init("line \(line), column \(column)\(field): \(error.reason)")
    }

    static func type(_ type: String, _ place: String) -> SamplingStrategiesError {
        SamplingStrategiesError(
            type.isEmpty
                ? "\(place) has no type; it must be probabilistic or ratelimiting"
                : "\(place).type is '\(type)'; it must be probabilistic or ratelimiting")
    }
}

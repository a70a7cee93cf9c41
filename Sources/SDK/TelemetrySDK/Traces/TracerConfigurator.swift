// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

/// How one tracer behaves. Source: OpenTelemetry specification 1.60, "TracerConfig".
public struct TracerConfig: Hashable, Sendable {
    /// False: the tracer does nothing and passes the current context on.
    public var isEnabled: Bool

    public init(isEnabled: Bool = true) { self.isEnabled = isEnabled }
}

/// Decides how the tracer of each scope behaves, once, when the tracer is made: spans pay nothing for it.
///
/// ```swift
/// let quiet = TracerConfigurator([.disable("com.example.cache.*")])
/// let few = TracerConfigurator([.enable("Items")], otherwise: TracerConfig(isEnabled: false))
/// ```
/// Spans of swift-distributed-tracing have their module as scope.
/// Source: OpenTelemetry specification 1.60, "TracerConfigurator".
public struct TracerConfigurator: Sendable {
    /// What holds for the scopes of a name.
    public struct Rule: Hashable, Sendable, CustomStringConvertible {
        public let name: NamePattern
        public let config: TracerConfig

        public init(_ name: NamePattern, _ config: TracerConfig) {
            self.name = name
            self.config = config
        }

        /// Scopes whose name fits make no spans.
        public static func disable(_ name: NamePattern) -> Rule { Rule(name, TracerConfig(isEnabled: false)) }

        /// Scopes whose name fits make spans.
        public static func enable(_ name: NamePattern) -> Rule { Rule(name, TracerConfig(isEnabled: true)) }

        /// `off com.example.cache.*`
        public var description: String { "\(config.isEnabled ? "on" : "off") \(name)" }
    }

    private let decide: @Sendable (InstrumentationScope) -> TracerConfig?

    /// A function of your own; nil leaves a scope as it is by default. Called when a tracer is made, so it has to be
    /// quick.
    public init(_ decide: @escaping @Sendable (InstrumentationScope) -> TracerConfig?) {
        self.decide = decide
    }

    /// The first rule whose name fits decides.
    public init(_ rules: [Rule], otherwise: TracerConfig = TracerConfig()) {
        self.init { scope in rules.first { $0.name.matches(scope.name) }?.config ?? otherwise }
    }

    /// How the tracer of `scope` behaves.
    public func config(for scope: InstrumentationScope) -> TracerConfig { decide(scope) ?? TracerConfig() }
}

// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Switches spans on or off by the scope that makes them: a library's name, or the module of a `withSpan` of
/// swift-distributed-tracing.
public struct ScopeRule: Hashable, Sendable, CustomStringConvertible {
    /// For a ``TracerConfigurator``.
    public let rule: TracerConfigurator.Rule

    /// No spans of scopes with this name. `*` stands for any characters, `?` for one.
    public static func off(_ name: String) -> ScopeRule { ScopeRule(rule: .disable(NamePattern(name))) }

    /// Spans of scopes with this name, whatever a later rule says.
    public static func on(_ name: String) -> ScopeRule { ScopeRule(rule: .enable(NamePattern(name))) }

    /// `off com.example.cache.*`
    public var description: String { rule.description }
}

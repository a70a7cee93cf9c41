// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel
public import TelemetrySDK

/// One line of ``SamplerSetting/rules(_:)``: which spans, and what becomes of them.
public struct SamplingRule: Sendable, CustomStringConvertible {
    package let condition: SpanCondition
    /// 0 drops.
    package let ratio: Double

    /// Drops the spans for which `condition` holds.
    public static func drop(where condition: SpanCondition) -> SamplingRule {
        SamplingRule(condition: condition, ratio: 0)
    }

    /// Keeps the spans for which `condition` holds, or this share of them, 0 to 1.
    public static func keep(
        _ ratio: Double = 1, where condition: SpanCondition = .everything
    ) -> SamplingRule {
        SamplingRule(condition: condition, ratio: ratio)
    }

    /// `drop route /health`, `keep{0.1} everything`
    public var description: String {
        "\(ratio == 0 ? "drop" : ratio == 1 ? "keep" : "keep{\(ratio)}") \(condition)"
    }
}

// Here, and not beside the type: what a program can write that imports only Contrail.
extension SpanCondition {
    /// Server spans of this route; a slash at its end makes no difference. `*` stands for any characters, `?` for
    /// one.
    public static func route(_ pattern: String) -> SpanCondition {
        SpanCondition(route: NamePattern(pattern))
    }

    /// Spans of this name. `*` stands for any characters, `?` for one.
    public static func name(_ pattern: String) -> SpanCondition { SpanCondition(name: NamePattern(pattern)) }

    /// Spans of this kind.
    public static func kind(_ kind: SpanKind) -> SpanCondition { SpanCondition(kind: kind) }

    /// Spans that start with this attribute, whatever its value.
    public static func attribute(_ key: String) -> SpanCondition { SpanCondition(attribute: key) }

    // One for each plain type, and none for AttributeValue: its literals would need another import.

    /// Spans that start with this attribute and value.
    public static func attribute(_ key: String, _ value: String) -> SpanCondition {
        SpanCondition(attribute: key, .string(value))
    }

    /// Spans that start with this attribute and value.
    public static func attribute(_ key: String, _ value: Int) -> SpanCondition {
        SpanCondition(attribute: key, .int(Int64(value)))
    }

    /// Spans that start with this attribute and value.
    public static func attribute(_ key: String, _ value: Bool) -> SpanCondition {
        SpanCondition(attribute: key, .bool(value))
    }

    /// All of these hold.
    public static func all(_ conditions: SpanCondition...) -> SpanCondition {
        SpanCondition(conditions.map(\.description).joined(separator: " and ")) { request in
            conditions.allSatisfy { $0.matches(request) }
        }
    }

    /// One of these holds.
    public static func any(_ conditions: SpanCondition...) -> SpanCondition {
        SpanCondition(conditions.map(\.description).joined(separator: " or ")) { request in
            conditions.contains { $0.matches(request) }
        }
    }
}

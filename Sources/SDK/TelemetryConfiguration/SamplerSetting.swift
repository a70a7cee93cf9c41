// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Which spans are recorded and sent.
public indirect enum SamplerSetting: Sendable, CustomStringConvertible {
    /// Every span.
    case alwaysOn
    /// No span. Context still passes through.
    case alwaysOff
    /// This share of traces, 0 to 1, decided by the trace id: every service keeps the same ones.
    case traceIDRatio(Double)
    /// What the caller decided; `root` decides for spans without caller.
    case parentBased(root: SamplerSetting)
    /// One of your own.
    case custom(any Sampler)

    /// Default of the specification: `parentbased_always_on`.
    public static let standard = SamplerSetting.parentBased(root: .alwaysOn)

    /// The names that `OTEL_TRACES_SAMPLER` knows.
    package static let names = [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
        "parentbased_traceidratio",
    ]

    /// The sampler of one of ``names``; nil for other names. `ratio` is used where the name says so.
    package init?(name: String, ratio: Double) {
        switch name {
        case "always_on": self = .alwaysOn
        case "always_off": self = .alwaysOff
        case "traceidratio": self = .traceIDRatio(ratio)
        case "parentbased_always_on": self = .parentBased(root: .alwaysOn)
        case "parentbased_always_off": self = .parentBased(root: .alwaysOff)
        case "parentbased_traceidratio": self = .parentBased(root: .traceIDRatio(ratio))
        default: return nil
        }
    }

    /// The name that `OTEL_TRACES_SAMPLER` has for it, with the ratio in braces.
    public var description: String {
        switch self {
        case .alwaysOn: "always_on"
        case .alwaysOff: "always_off"
        case .traceIDRatio(let ratio): "traceidratio{\(ratio)}"
        case .parentBased(let root): "parentbased_\(root)"
        case .custom(let sampler): sampler.description
        }
    }

    /// True when a ratio in it is not in 0...1.
    var hasInvalidRatio: Bool {
        switch self {
        case .alwaysOn, .alwaysOff, .custom: false
        case .traceIDRatio(let ratio): !(0...1).contains(ratio)
        case .parentBased(let root): root.hasInvalidRatio
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

public import TelemetrySDK

/// Which spans are recorded and sent.
///
/// ```swift
/// settings.traces.sampler = .parentBased(root: .rules([.drop(where: .route("/health")), .keep(0.1)]))
/// ```
public indirect enum SamplerSetting: Sendable, CustomStringConvertible {
    /// Every span.
    case alwaysOn
    /// No span. Context still passes through.
    case alwaysOff
    /// This share of traces, 0 to 1, decided by the trace id: every service keeps the same ones.
    case traceIDRatio(Double)
    /// This share of traces, 0 to 1, written into the trace state (`ot=th:…`): others decide alike, and can count
    /// what was not kept.
    case probability(Double)
    /// What the caller decided; `root` decides for spans without caller. The others are asked for spans whose parent
    /// is of another process or of this one, and was sampled or not.
    case parentBased(
        root: SamplerSetting, remoteParentSampled: SamplerSetting = .alwaysOn,
        remoteParentNotSampled: SamplerSetting = .alwaysOff, localParentSampled: SamplerSetting = .alwaysOn,
        localParentNotSampled: SamplerSetting = .alwaysOff)
    /// What the first rule that fits says; every span that fits none is kept.
    case rules([SamplingRule])
    /// Records every span for span processors; the inner one decides what is sent.
    case alwaysRecord(SamplerSetting)
    /// What an endpoint says that is asked again and again; Jaeger and `contrail serve` have one.
    case jaegerRemote(JaegerRemoteSetting = JaegerRemoteSetting())
    /// One of your own.
    case custom(any Sampler)

    /// Default of the specification: `parentbased_always_on`.
    public static let standard = SamplerSetting.parentBased(root: .alwaysOn)

    /// The name that `OTEL_TRACES_SAMPLER` has for it, with the ratio in braces.
    public var description: String {
        switch self {
        case .alwaysOn: return "always_on"
        case .alwaysOff: return "always_off"
        case .traceIDRatio(let ratio): return "traceidratio{\(ratio)}"
        case .probability(let ratio): return "probability{\(ratio)}"
        case .parentBased(let root, let remote, let remoteNot, let local, let localNot):
            let slots = [
                ("remoteParentSampled", remote, "always_on"),
                ("remoteParentNotSampled", remoteNot, "always_off"),
                ("localParentSampled", local, "always_on"), ("localParentNotSampled", localNot, "always_off"),
            ].filter { $0.1.description != $0.2 }.map { "\($0.0):\($0.1)" }
            return "parentbased_\(root)" + (slots.isEmpty ? "" : "{\(slots.joined(separator: ","))}")
        case .rules(let rules): return "rules{\(rules.map(\.description).joined(separator: ", "))}"
        case .alwaysRecord(let inner): return "always_record{\(inner)}"
        case .jaegerRemote(let remote): return "jaeger_remote{\(remote)}"
        case .custom(let sampler): return sampler.description
        }
    }

    /// What is wrong with it, reading on from ``description``; nil when it can be used.
    var problem: String? {
        switch self {
        case .alwaysOn, .alwaysOff, .custom: nil
        case .traceIDRatio(let ratio), .probability(let ratio): Self.problem(ratio)
        case .parentBased(let root, let remote, let remoteNot, let local, let localNot):
            [root, remote, remoteNot, local, localNot].lazy.compactMap(\.problem).first
        case .rules(let rules): rules.lazy.compactMap { Self.problem($0.ratio) }.first
        case .alwaysRecord(let inner): inner.problem
        case .jaegerRemote(let remote): remote.problem
        }
    }

    static func problem(_ ratio: Double) -> String? {
        (0...1).contains(ratio) ? nil : "has a ratio that is not in 0...1"
    }
}

extension SamplerSetting {
    /// The names that `OTEL_TRACES_SAMPLER` knows.
    package static let names = [
        "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
        "parentbased_traceidratio", "jaeger_remote", "parentbased_jaeger_remote",
    ]

    /// The sampler of one of ``names``; nil for other names. `ratio` and `remote` are used where the name says so.
    init?(name: String, ratio: Double, remote: JaegerRemoteSetting) {
        switch name {
        case "always_on": self = .alwaysOn
        case "always_off": self = .alwaysOff
        case "traceidratio": self = .traceIDRatio(ratio)
        case "jaeger_remote": self = .jaegerRemote(remote)
        case let name where name.hasPrefix("parentbased_"):
            let root = SamplerSetting(
                name: String(name.dropFirst("parentbased_".count)), ratio: ratio, remote: remote)
            guard let root else { return nil }
            self = .parentBased(root: root)
        default: return nil
        }
    }
}

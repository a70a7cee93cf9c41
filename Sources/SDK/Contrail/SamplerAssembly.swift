// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetrySDK

/// Makes a sampler from its setting, and what has to run for it.
struct SamplerAssembly {
    /// Of the service whose strategies are asked for.
    let serviceName: String
    /// To be started, and stopped at the end.
    private(set) var pollers: [SamplingStrategyPoller] = []

    init(serviceName: String) { self.serviceName = serviceName }

    mutating func sampler(_ setting: SamplerSetting) -> any Sampler {
        switch setting {
        case .alwaysOn: AlwaysOnSampler()
        case .alwaysOff: AlwaysOffSampler()
        case .traceIDRatio(let ratio): TraceIDRatioBasedSampler(ratio: ratio)
        case .probability(let ratio): ProbabilitySampler(ratio: ratio)
        case .parentBased(let root, let remote, let remoteNot, let local, let localNot):
            ParentBasedSampler(
                root: sampler(root), remoteParentSampled: sampler(remote),
                remoteParentNotSampled: sampler(remoteNot), localParentSampled: sampler(local),
                localParentNotSampled: sampler(localNot))
        case .rules(let rules): CompositeSampler(Self.composable(rules))
        case .alwaysRecord(let inner): AlwaysRecordSampler(root: sampler(inner))
        case .jaegerRemote(let remote): self.remote(remote)
        case .custom(let sampler): sampler
        }
    }

    private static func composable(_ rules: [SamplingRule]) -> ComposableRuleBasedSampler {
        let said = rules.map { rule in
            ComposableRuleBasedSampler.Rule(
                rule.condition, ComposableProbabilitySampler(ratio: rule.ratio))
        }
        // "every span that fits none is kept": who only wants health checks dropped need not say so.
        return ComposableRuleBasedSampler(said + [.init(.everything, ComposableAlwaysOnSampler())])
    }

    private mutating func remote(_ setting: JaegerRemoteSetting) -> JaegerRemoteSampler {
        let sampler = JaegerRemoteSampler(
            initialSampler: TraceIDRatioBasedSampler(ratio: setting.initialSamplingRate))
        // The resolver has read the address before.
        if let url = setting.url(service: serviceName) {
            pollers.append(
                SamplingStrategyPoller(
                    source: HTTPSamplingStrategySource(url: url, shownEndpoint: setting.shownEndpoint),
                    sampler: sampler, interval: setting.pollingInterval))
        }
        return sampler
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

extension Resolver {
    mutating func sampler(_ code: TelemetrySettings) -> SamplerSetting {
        let standard = SamplerSetting.standard
        let variable = samplerInEnvironment(standard: standard)
        var inCode = code.traces.sampler
        if let sampler = inCode, let problem = sampler.problem {
            inCode = nil
            warn(
                Variable.tracesSampler.twin, value: sampler.description, problem,
                using: (variable ?? standard).description)
        }
        let (sampler, origin) = choose(inCode, variable, .tracesSampler, standard)
        note("sampler", sampler.description, origin)
        return sampler
    }

    // "OTEL_TRACES_SAMPLER_ARG … will only be used if OTEL_TRACES_SAMPLER is set. … Invalid or unrecognized
    // input MUST be logged and MUST be otherwise ignored, i.e. the implementation MUST behave as if
    // OTEL_TRACES_SAMPLER_ARG is not set."
    private mutating func samplerInEnvironment(standard: SamplerSetting) -> SamplerSetting? {
        guard let name = readText(.tracesSampler, else: standard.description) else { return nil }
        var ratio = 1.0
        var remote = JaegerRemoteSetting()
        if let text = raw(.tracesSamplerArgument)?.trimmed {
            if name.hasSuffix("traceidratio") {
                if let number = Double(text), (0...1).contains(number) {
                    ratio = number
                } else {
                    warn(
                        Variable.tracesSamplerArgument.name, value: text, "is no number from 0 to 1",
                        using: "1.0")
                }
            } else if name.hasSuffix("jaeger_remote") {
                do {
                    remote = try Self.remote(text)
                } catch {
                    warn(
                        Variable.tracesSamplerArgument.name, value: error.part, error.text,
                        using: remote.description)
                }
            }
        }
        return SamplerSetting(name: name, ratio: ratio, remote: remote)
    }

    // "The value is a comma separated list: endpoint …, pollingIntervalMs …, initialSamplingRate … Example:
    // endpoint=http://localhost:14250,pollingIntervalMs=5000,initialSamplingRate=0.25"
    private static func remote(_ text: String) throws(VariableProblem) -> JaegerRemoteSetting {
        var remote = JaegerRemoteSetting()
        for member in text.split(separator: ",") {
            let part = member.trimmed
            if part.isEmpty { continue }
            let key = part.prefix { $0 != "=" }.trimmed
            guard let equals = part.firstIndex(of: "=") else {
                throw VariableProblem(part: EndpointURL.redacted(part), text: "has no =")
            }
            let value = part[equals...].dropFirst().trimmed
            switch key {
            case "endpoint":
                remote.endpoint = value
                if let problem = remote.problem {
                    throw VariableProblem(part: EndpointURL.redacted(value), text: problem)
                }
            case "pollingIntervalMs":
                guard let number = Int(value), (1...Variable.millisecondsMax).contains(number) else {
                    throw VariableProblem(
                        part: part, text: "is no number of milliseconds from 1 to \(Variable.millisecondsMax)"
                    )
                }
                remote.pollingInterval = .milliseconds(number)
            case "initialSamplingRate":
                guard let number = Double(value), (0...1).contains(number) else {
                    throw VariableProblem(part: part, text: "is no number from 0 to 1")
                }
                remote.initialSamplingRate = number
            default:
                throw VariableProblem(
                    part: key, text: "is none of endpoint, pollingIntervalMs, initialSamplingRate")
            }
        }
        return remote
    }

    mutating func scopes(_ code: TelemetrySettings) -> [ScopeRule] {
        let rules = code.traces.scopes
        if !rules.isEmpty { note("scopes", rules.map(\.description).joined(separator: ","), .code) }
        return rules
    }
}

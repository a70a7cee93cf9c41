// SPDX-License-Identifier: Apache-2.0

import TelemetrySDK

extension Resolver {
    mutating func zipkin(_ code: ExporterSetting.Zipkin) -> ResolvedSettings.Zipkin {
        ResolvedSettings.Zipkin(endpoint: zipkinEndpoint(code), timeout: zipkinTimeout(code))
    }

    private mutating func zipkinEndpoint(_ code: ExporterSetting.Zipkin) -> EndpointURL {
        var chosen = (url: EndpointURL.zipkin, origin: SettingOrigin.standard)
        let sources: [(text: String?, setting: String, origin: SettingOrigin)] = [
            (
                raw(Variable.zipkinEndpoint), Variable.zipkinEndpoint.name,
                .environment(Variable.zipkinEndpoint.name)
            ),
            (code.endpoint, ".zipkin(to:)", .code),
        ]
        for source in sources {
            guard let text = source.text?.trimmed, !text.isEmpty else { continue }
            do {
                chosen = (try EndpointURL(text), source.origin)
            } catch {
                warn(
                    source.setting, value: EndpointURL.redacted(text), error.description,
                    using: chosen.url.description)
            }
        }
        note("zipkin.endpoint", chosen.url.description, chosen.origin)
        return chosen.url
    }

    private mutating func zipkinTimeout(_ code: ExporterSetting.Zipkin) -> Duration {
        var chosen = (Duration.milliseconds(10_000), SettingOrigin.standard)
        if case .number(let number) = read(.zipkinTimeout, else: "\(chosen.0)") {
            chosen = (.milliseconds(number), .environment(Variable.zipkinTimeout.name))
        }
        if let timeout = code.timeout {
            if timeout >= .zero {
                chosen = (timeout, .code)
            } else {
                warn(".zipkin(timeout:)", value: "\(timeout)", "is negative", using: "\(chosen.0)")
            }
        }
        note("zipkin.timeout", chosen.0 == .zero ? "no limit" : "\(chosen.0)", chosen.1)
        return chosen.0
    }
}

extension EndpointURL {
    /// "Default `http://localhost:9411/api/v2/spans`"
    fileprivate static let zipkin = EndpointURL(host: "localhost", port: 9_411, path: "/api/v2/spans")
}

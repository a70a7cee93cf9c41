// SPDX-License-Identifier: Apache-2.0

import TelemetryConfiguration
import TelemetryModel

/// Settings and warnings of an environment and of code, in a program called `items` with the instance id
/// `i-1`.
struct Resolving {
    let settings: ResolvedSettings
    let warnings: [ConfigurationWarning]

    init(
        _ environment: [String: String] = [:],
        code change: (inout TelemetrySettings) -> Void = { _ in }
    ) {
        var code = TelemetrySettings()
        change(&code)
        (settings, warnings) = ResolvedSettings.resolve(
            code, environment: environment, process: .init(executableName: "items", instanceID: "i-1"))
    }

    /// The one exporter, when it is OTLP.
    var otlp: ResolvedSettings.OTLP? {
        guard settings.exporters.count == 1, case .otlp(let otlp) = settings.exporters[0] else { return nil }
        return otlp
    }

    /// An attribute of the resource that is a string.
    func attribute(_ key: String) -> String? {
        guard case .string(let value) = settings.resource.attributes[key] else { return nil }
        return value
    }

    func origin(of name: String) -> SettingOrigin? { settings.report.last { $0.name == name }?.origin }

    var messages: [String] { warnings.map(\.description) }
}

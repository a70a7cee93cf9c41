// SPDX-License-Identifier: Apache-2.0

/// Decides each setting, and remembers who decided it and what could not be used.
struct Resolver {
    private let environment: [String: String]
    private(set) var warnings: [ConfigurationWarning] = []
    private(set) var report: [SettingReport] = []

    init(environment: [String: String]) { self.environment = environment }

    // "The SDK MUST interpret an empty value of an environment variable the same way as when the variable is
    // unset."
    /// The text of a variable; nil when it is unset, empty or white space.
    func raw(_ variable: Variable) -> String? {
        guard let text = environment[variable.name], !text.trimmed.isEmpty else { return nil }
        return text
    }

    /// What a variable says; nil when it is unset, or when nothing of it can be used: then `used` holds.
    mutating func read(_ variable: Variable, else used: String) -> VariableValue? {
        guard let raw = raw(variable) else { return nil }
        let (value, problems) = variable.parse(raw)
        for problem in problems {
            let remaining = if case .list(let names) = value { names.joined(separator: ",") } else { used }
            let isSecret = variable.kind == .headers
            warn(
                variable.name, value: isSecret ? nil : problem.part ?? raw, problem.text,
                using: value == nil ? used : isSecret ? "the other headers" : remaining)
        }
        return value
    }

    mutating func readText(_ variable: Variable, else used: String) -> String? {
        guard case .text(let text) = read(variable, else: used) else { return nil }
        return text
    }

    mutating func warn(_ setting: String, value: String?, _ problem: String, using used: String) {
        let warning = ConfigurationWarning(setting: setting, value: value, problem: problem, used: used)
        if !warnings.contains(warning) { warnings.append(warning) }
    }

    mutating func note(_ name: String, _ value: String, _ origin: SettingOrigin) {
        report.append(SettingReport(name: name, value: value, origin: origin))
    }
}

extension Resolver {
    mutating func disabledBy(_ code: TelemetrySettings) -> SettingOrigin? {
        var origin: SettingOrigin?
        // Both switches can only turn off; either is enough, whatever the code says.
        if case .boolean(false) = read(.enabled, else: "true") {
            origin = .environment(Variable.enabled.name)
        }
        if case .boolean(true) = read(.sdkDisabled, else: "false"), origin == nil {
            origin = .environment(Variable.sdkDisabled.name)
        }
        if origin == nil, !code.isEnabled { origin = .code }
        note("enabled", origin == nil ? "true" : "false", origin ?? .standard)
        return origin
    }

    mutating func diagnosticLevel(_ code: TelemetrySettings) -> DiagnosticLevel {
        let standard = DiagnosticLevel.info
        let variable = readText(.logLevel, else: standard.rawValue).flatMap(DiagnosticLevel.init)
        let (level, origin) = choose(code.diagnosticLevel, variable, .logLevel, standard)
        note("diagnostic level", level.rawValue, origin)
        return level
    }

    mutating func propagators(_ code: TelemetrySettings) -> [PropagatorSetting] {
        let standard = [PropagatorSetting.traceContext, .baggage]
        var variable: [PropagatorSetting]?
        if case .list(let names) = read(.propagators, else: Variable.propagators.standard) {
            // "none" is no propagator's name and so leaves the empty list.
            variable = names.compactMap { PropagatorSetting(name: $0) }
        }
        let (chosen, origin) = choose(code.propagators, variable, .propagators, standard)
        note(
            "propagators", chosen.isEmpty ? "none" : chosen.map(\.description).joined(separator: ","), origin)
        return chosen
    }

    /// Code wins over the variable, the variable over the default.
    func choose<Value>(
        _ code: Value?, _ variable: Value?, _ name: Variable, _ standard: Value
    ) -> (Value, SettingOrigin) {
        if let code { return (code, .code) }
        if let variable { return (variable, .environment(name.name)) }
        return (standard, .standard)
    }
}

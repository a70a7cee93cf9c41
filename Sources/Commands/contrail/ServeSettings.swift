// SPDX-License-Identifier: Apache-2.0

internal import BackendServer

/// What was said about how to serve: by flags, by the environment, by nobody. Pure: both come in as values.
struct ServeSettings {
    private let flags: [ServeSetting: String]
    private let environment: [String: String]

    /// - Parameters:
    ///   - flags: Only those that were given.
    ///   - environment: All variables of the process.
    init(flags: [ServeSetting: String], environment: [String: String]) {
        self.flags = flags
        self.environment = environment
    }

    /// The flag, else the variable, else nil. An empty variable counts as none.
    private func text(_ setting: ServeSetting) -> String? {
        if let flag = flags[setting] { return flag }
        return environment[setting.environmentName].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// How the value came in, for error messages.
    private func origin(_ setting: ServeSetting) -> String {
        flags[setting] == nil && text(setting) != nil ? setting.environmentName : setting.flag
    }

    func backend() throws(CommandFailure) -> BackendServerConfiguration {
        BackendServerConfiguration(
            host: host(), allowedHosts: try allowedHosts(), ports: try ports(), storage: try storage(),
            samplingStrategies: text(.samplingStrategies), retention: try retention())
    }

    private func retention() throws(CommandFailure) -> RetentionLimits {
        RetentionLimits(
            age: try value(.retentionAge, RetentionWords.age),
            bytes: try value(.retentionBytes, RetentionWords.bytes),
            diskShare: try value(.retentionDiskShare, RetentionWords.share))
    }

    /// Nil for "off".
    private func value<Value>(
        _ setting: ServeSetting, _ parse: (String) -> Value?
    ) throws(CommandFailure) -> Value? {
        let text = text(setting) ?? setting.defaultText
        if text == RetentionWords.off { return nil }
        guard let value = parse(text) else {
            throw CommandFailure("\(origin(setting)) is '\(text)'; \(RetentionWords.advice(setting))")
        }
        return value
    }

    /// An IPv6 address without the brackets that it has in a URL.
    private func host() -> String {
        let host = text(.host) ?? ServeSetting.host.defaultText
        guard host.hasPrefix("["), host.hasSuffix("]"), host.contains(":") else { return host }
        return String(host.dropFirst().dropLast())
    }

    private func ports() throws(CommandFailure) -> [BackendPort: Int] {
        var ports: [BackendPort: Int] = [:]
        for door in BackendPort.allCases {
            let port = try port(door.setting)
            if port != 0, let other = BackendPort.allCases.first(where: { ports[$0] == port }) {
                throw CommandFailure(
                    "\(origin(other.setting)) and \(origin(door.setting)) are both \(port); each needs a port "
                        + "of its own (0 picks a free one).")
            }
            ports[door] = port
        }
        return ports
    }

    private func allowedHosts() throws(CommandFailure) -> [String] {
        var names: [String] = []
        for part in (text(.allowedHost) ?? "").split(separator: ",") {
            // RFC 1123, 2.1: letters, digits, hyphens and dots; names of containers have underscores too.
            let name = part.drop { $0 == " " }
            guard !name.isEmpty, name.utf8.allSatisfy({ Self.nameBytes.contains($0) }) else {
                throw CommandFailure(
                    "\(origin(.allowedHost)) is '\(part)'; it must be a host name without scheme and port, "
                        + "such as contrail.example.")
            }
            names.append(String(name))
        }
        return names
    }

    private static let nameBytes = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._".utf8)

    private func port(_ setting: ServeSetting) throws(CommandFailure) -> Int {
        let text = text(setting) ?? setting.defaultText
        guard let port = Int(text), (0...65_535).contains(port) else {
            throw CommandFailure("\(origin(setting)) is '\(text)'; it must be a port from 0 to 65535.")
        }
        return port
    }

    private func storage() throws(CommandFailure) -> BackendServerConfiguration.Storage {
        // The flag says more than a variable that says the opposite.
        if let directory = flags[.dataDirectory] {
            guard flags[.inMemory] == nil else {
                throw CommandFailure(
                    "\(ServeSetting.dataDirectory.flag) and \(ServeSetting.inMemory.flag) contradict "
                        + "each other: say one of them.")
            }
            return .directory(directory)
        }
        if try isOn(.inMemory) { return .memory }
        if let directory = text(.dataDirectory) { return .directory(directory) }
        // XDG Base Directory Specification 0.8: $HOME/.local/share when XDG_DATA_HOME is unset, empty or
        // relative.
        if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") {
            return .directory(data + "/contrail")
        }
        guard let home = environment["HOME"], !home.isEmpty else {
            throw CommandFailure(
                "HOME is not set, so there is no data directory: say \(ServeSetting.dataDirectory.flag) "
                    + "DIRECTORY or \(ServeSetting.inMemory.flag).")
        }
        return .directory(home + "/.local/share/contrail")
    }

    private func isOn(_ setting: ServeSetting) throws(CommandFailure) -> Bool {
        switch text(setting)?.lowercased() {
        case nil, "false", "0": return false
        case "true", "1": return true
        case .some(let other):
            throw CommandFailure("\(origin(setting)) is '\(other)'; it must be true or false.")
        }
    }
}

extension BackendPort {
    /// The setting that changes it.
    var setting: ServeSetting {
        switch self {
        case .grpc: .grpcPort
        case .http: .httpPort
        case .ui: .uiPort
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// Who decided a setting.
public enum SettingOrigin: Hashable, Sendable, CustomStringConvertible {
    /// Nobody said anything.
    case standard
    /// The environment variable of this name.
    case environment(String)
    /// The program.
    case code

    public var description: String {
        switch self {
        case .standard: "default"
        case .environment(let variable): variable
        case .code: "code"
        }
    }
}

/// One setting as it holds, for people to read.
public struct SettingReport: Hashable, Sendable, CustomStringConvertible {
    /// For example `service.name`.
    public let name: String
    /// Without secrets: header values, user and query of an address are left out.
    public let value: String
    public let origin: SettingOrigin

    /// `service.name = items (OTEL_SERVICE_NAME)`
    public var description: String { "\(name) = \(value) (\(origin))" }
}

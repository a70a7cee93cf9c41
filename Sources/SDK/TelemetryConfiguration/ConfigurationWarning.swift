// SPDX-License-Identifier: Apache-2.0

/// Something in the configuration that could not be used, and what is used instead.
public struct ConfigurationWarning: Hashable, Sendable, CustomStringConvertible {
    /// The environment variable, or what was written in code (`settings.traces.batch.maxQueueSize`).
    public let setting: String
    /// The value as it was found, clipped; nil when it may hold secrets.
    public let value: String?
    /// What is wrong, reading on from the value: "is negative".
    public let problem: String
    /// What holds instead.
    public let used: String

    /// Characters of a value that are shown; the rest of a longer one is left out.
    static let valueCharactersMax = 100

    package init(setting: String, value: String?, problem: String, used: String) {
        self.setting = setting
        self.value = value.map { value in
            value.count <= Self.valueCharactersMax ? value : value.prefix(Self.valueCharactersMax) + "…"
        }
        self.problem = problem
        self.used = used
    }

    /// `OTEL_BSP_MAX_QUEUE_SIZE="-1" is negative; using 2048`
    public var description: String {
        "\(setting)\(value.map { "=\($0.debugDescription)" } ?? "") \(problem); using \(used)"
    }
}

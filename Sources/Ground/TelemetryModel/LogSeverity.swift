// SPDX-License-Identifier: Apache-2.0

/// How grave a log record is: OTLP's `SeverityNumber`, 1 to 24 in six ranges of four, 0 for unknown.
///
/// Numbers outside are kept as received. Source: OpenTelemetry specification 1.60, "Logs Data Model", "Field:
/// SeverityNumber".
public struct LogSeverity: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let unspecified = LogSeverity(rawValue: 0)
    /// The least of its range, as are the others.
    public static let trace = LogSeverity(rawValue: 1)
    public static let debug = LogSeverity(rawValue: 5)
    public static let info = LogSeverity(rawValue: 9)
    public static let warn = LogSeverity(rawValue: 13)
    public static let error = LogSeverity(rawValue: 17)
    public static let fatal = LogSeverity(rawValue: 21)

    public static func < (left: LogSeverity, right: LogSeverity) -> Bool { left.rawValue < right.rawValue }

    private static let ranges = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]

    /// The short name of the specification: `INFO`, `INFO2`, …; nil outside of 1 to 24.
    public var name: String? {
        guard (1...24).contains(rawValue) else { return nil }
        let step = (rawValue - 1) % 4
        return Self.ranges[Int(rawValue - 1) / 4] + (step == 0 ? "" : String(step + 1))
    }

    /// Reads a short name in either case, also `warning`; nil for any other text.
    public init?(name: String) {
        let upper = name.uppercased()
        if upper == "WARNING" {
            self = .warn
            return
        }
        guard let number = (1...24).first(where: { LogSeverity(rawValue: Int32($0)).name == upper }) else {
            return nil
        }
        self.init(rawValue: Int32(number))
    }
}

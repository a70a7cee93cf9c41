// SPDX-License-Identifier: Apache-2.0

public import TelemetryModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Android)
    import Android
#else
    import Darwin
#endif

/// `process.…`: id, start, program, owner, and the Swift that it was built with.
///
/// Never the arguments: they hold secrets too often. Elsewhere than on Linux, id and program only.
public struct ProcessDetector: ResourceDetector {
    public var name: String { "process" }

    /// Clock ticks in a second, in which Linux tells when a process began; fixed at 100 since there is an API for it.
    private static let ticksPerSecond: UInt64 = 100

    public init() {}

    public func detect(in surroundings: DetectionSurroundings) throws -> Resource {
        var attributes: Attributes = [
            "process.runtime.name": "swift", "process.runtime.version": .string(Self.swiftVersion),
        ]
        let status = try surroundings.text(of: "/proc/self/stat")
        // The name stands in parentheses and may hold anything, so fields are counted behind the last one.
        let fields = status.flatMap { text in
            text.lastIndex(of: ")").map { text[text.index(after: $0)...].split(separator: " ") }
        }
        if let status, let id = Int64(status.prefix { $0 != " " }) {
            attributes["process.pid"] = .int(id)
        } else if surroundings.isThisMachine {
            attributes["process.pid"] = .int(Int64(getpid()))
        }
        if let path = surroundings.linkTarget(of: "/proc/self/exe") {
            attributes["process.executable.path"] = .string(path)
            attributes["process.executable.name"] = .string(Self.lastComponent(path))
        }
        var command = try surroundings.text(of: "/proc/self/cmdline").map { String($0.prefix { $0 != "\0" }) }
        if command == nil, surroundings.isThisMachine { command = CommandLine.arguments.first }
        if let command, !command.isEmpty {
            attributes["process.command"] = .string(command)
            if attributes["process.executable.name"] == nil {
                attributes["process.executable.name"] = .string(Self.lastComponent(command))
            }
        }
        // starttime is field 22 of all, so 20th behind the name.
        if let fields, fields.count > 19, let ticks = UInt64(fields[19]),
            let boot = try bootTime(surroundings)
        {
            let milliseconds = boot &* 1_000 &+ ticks &* 1_000 / Self.ticksPerSecond
            attributes["process.creation.time"] = .string(UTCTime.text(unixMilliseconds: milliseconds))
        }
        if let owner = try owner(surroundings) { attributes["process.owner"] = .string(owner) }
        return Resource(attributes: attributes, schemaURL: SemanticConventions.schemaURL)
    }

    /// Seconds since 1970 at which the machine started.
    private func bootTime(_ surroundings: DetectionSurroundings) throws -> UInt64? {
        try surroundings.text(of: "/proc/stat")?.split(separator: "\n").first { $0.hasPrefix("btime ") }
            .flatMap { UInt64($0.dropFirst(6).trimmingWhitespace) }
    }

    /// The name of the effective user in `/etc/passwd`. Asking the C library could go over the network.
    private func owner(_ surroundings: DetectionSurroundings) throws -> String? {
        let line = try surroundings.text(of: "/proc/self/status")?.split(separator: "\n").first {
            $0.hasPrefix("Uid:")
        }
        guard let id = line?.split(whereSeparator: { $0 == "\t" || $0 == " " }).dropFirst(2).first else {
            return nil
        }
        return try surroundings.text(of: "/etc/passwd")?.split(separator: "\n").lazy
            .map { $0.split(separator: ":", omittingEmptySubsequences: false) }
            .first { $0.count > 2 && $0[2] == id }.map { String($0[0]) }
    }

    private static func lastComponent(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    private static var swiftVersion: String {
        #if compiler(>=6.4)
            "6.4"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}

/// Times as ISO 8601 writes them.
enum UTCTime {
    /// `2026-01-01T00:00:00.000Z`
    static func text(unixMilliseconds: UInt64) -> String {
        // Until 9999-12-31.
        let days = min(unixMilliseconds / 86_400_000, 2_932_896)
        let rest = unixMilliseconds % 86_400_000
        // Days to civil date, counted in eras of 400 years from 0000-03-01.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func digits(_ number: UInt64, _ count: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))T\(digits(rest / 3_600_000, 2)):"
            + "\(digits(rest / 60_000 % 60, 2)):\(digits(rest / 1_000 % 60, 2)).\(digits(rest % 1_000, 3))Z"
    }
}

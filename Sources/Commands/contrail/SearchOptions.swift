// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendHTTPAPI
internal import TelemetryStorage

/// The conditions of a search, the same for every command that searches.
struct SearchOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Name of the service.", valueName: "name"))
    var service: String?

    @Option(help: ArgumentHelp("Name of the span.", valueName: "name"))
    var operation: String?

    @Option(
        help: ArgumentHelp("The span lasts at least this.", valueName: "duration"), transform: Self.duration)
    var minDuration: String?

    @Option(
        help: ArgumentHelp("The span lasts at most this.", valueName: "duration"), transform: Self.duration)
    var maxDuration: String?

    @Option(
        help: ArgumentHelp("The span started at most this long ago.", valueName: "duration"),
        transform: Self.duration)
    var since: String?

    @Flag(help: "The span failed.")
    var error = false

    @Option(
        help: ArgumentHelp(
            """
            The span or its resource has this attribute, or a number of it that is greater or less: 'k>3', \
            'k>=3', 'k<3', 'k<=3'. With span:, resource:, scope:, event: or link: before the key it is asked for \
            there alone; event:name, scope:name, scope:version, link:traceId and link:spanId are those \
            themselves. May be given several times.
            """, valueName: "k=v"),
        transform: Self.attribute)
    var attribute: [String] = []

    func validate() throws {
        // Both have been read once: they are durations.
        if let least = minDuration, let most = maxDuration,
            let leastNano = try? ParameterSyntax.duration(least),
            let mostNano = try? ParameterSyntax.duration(most), mostNano < leastNano
        {
            throw ValidationError(
                "--max-duration \(most) is less than --min-duration \(least), so nothing can match.")
        }
    }

    private static func duration(_ text: String) throws -> String {
        do {
            _ = try ParameterSyntax.duration(text)
        } catch {
            throw ValidationError("'\(text)' \(error).")
        }
        return text
    }

    private static func attribute(_ text: String) throws -> String {
        do {
            _ = try ParameterSyntax.attribute(text, scopes: AttributeScope.ofTraces)
        } catch {
            throw ValidationError("'\(text)' \(error).")
        }
        return text
    }

    /// The question, with `since` counted from `now`, nanoseconds since 1970: once for all pages, so that
    /// none of them begins later than the one before.
    func query(now: UInt64) -> [(String, String)] {
        let start = since.flatMap { try? ParameterSyntax.duration($0) }.map { duration in
            // Numbers of fewer digits are refused as times, see `ParameterSyntax`; nothing is older than all.
            now > duration && now - duration >= ParameterSyntax.nanosecondsMin ? now - duration : 0
        }
        let single: [(String, String?)] = [
            ("service", service), ("operation", operation), ("minDuration", minDuration),
            ("maxDuration", maxDuration), ("start", start.map { String($0) }),
            ("status", error ? "error" : nil),
        ]
        return single.compactMap { name, value in value.map { (name, $0) } }
            + attribute.map { ("attribute", $0) }
    }
}

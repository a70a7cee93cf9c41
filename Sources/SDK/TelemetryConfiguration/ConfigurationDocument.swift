// SPDX-License-Identifier: Apache-2.0

/// `docs/configuration.md`, made from the list that the parser uses.
package enum ConfigurationDocument {
    package static var markdown: String {
        """
        # Configuration

        This page is made from the list of variables that the parser itself uses; a test compares them.

        What the program says in code wins over the environment, and the environment over the default. Two \
        switches work the other way round, so that whoever runs a program can always turn telemetry off: \
        `OTEL_ENABLED=false` and `OTEL_SDK_DISABLED=true` hold whatever the code says. Of two variables the \
        one with `TRACES` in its name wins, and `OTEL_SERVICE_NAME` wins over `OTEL_RESOURCE_ATTRIBUTES`.

        An empty variable is an unset one. Names of choices are read in any case, lists may have spaces \
        around their commas, durations are whole milliseconds. A value that cannot be used is said in one \
        log line, which names the variable, the value and what is used instead; nothing makes the program \
        end. Values of headers, and user and query of addresses, are never logged.

        | Variable | Values | Default | In code | Meaning |
        | --- | --- | --- | --- | --- |
        \(Variable.all.map(row).joined(separator: "\n"))

        """
    }

    private static func row(_ variable: Variable) -> String {
        let standard = variable.standard.isEmpty ? "" : "`\(variable.standard)`"
        let cells = [
            "`\(variable.name)`", variable.kind.shown, standard, "`\(variable.twin)`", variable.help,
        ]
        return "| \(cells.joined(separator: " | ")) |"
    }
}

extension Variable.Kind {
    fileprivate var shown: String {
        switch self {
        case .boolean: "`true`, `false`"
        case .text: "text"
        case .milliseconds(let range): "milliseconds, \(range.lowerBound) to \(range.upperBound)"
        case .count(let range): "number, \(range.lowerBound) to \(range.upperBound)"
        case .choice(let names): names.map { "`\($0)`" }.joined(separator: ", ")
        case .list(let names): "list of " + names.map { "`\($0)`" }.joined(separator: ", ")
        case .attributes, .headers: "`key=value,key=value`"
        case .url: "URL"
        case .file: "path of a file"
        }
    }
}

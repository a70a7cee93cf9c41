// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendHTTPAPI
internal import TelemetryStorage

/// `contrail attributes`: what can be asked for with `--attribute`.
struct AttributesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attributes",
        abstract: "List the attributes that spans have, or the values of one.",
        discussion: """
            Each line stands as --attribute takes it: scope:key, or scope:key=value. Keys come with their types \
            behind a tab; bytes, nested (arrays and maps) and empty values cannot be asked for. Of an attribute with \
            very many values those are listed that were stored last.

            EXAMPLES
              contrail attributes                                 all keys
              contrail attributes --prefix http. --scope span
              contrail attributes http.route                      its values
              contrail attributes event:name                      names of events
              contrail traces --attribute "$(contrail attributes http.route | head -n 1)"
            """)

    @OptionGroup var server: ServerOption

    @Argument(help: ArgumentHelp("The attribute whose values are listed.", valueName: "key"))
    var key: String?

    @Option(
        help: ArgumentHelp(
            "Only attributes of \(AttributeScope.ofTraces.map(\.rawValue).joined(separator: ", ")).",
            valueName: "scope"),
        transform: Self.scope)
    var scope: AttributeScope?

    @Option(help: ArgumentHelp("The key, or the value, begins with this.", valueName: "text"))
    var prefix: String?

    @Option(help: ArgumentHelp("Most lines to print.", valueName: "count"))
    var limit = AttributeKeyQuery.limitMax

    @Flag(help: "One JSON object per line: {\"scope\":…,\"key\":…,\"types\":[…]}, or {\"value\":…}.")
    var json = false

    func validate() throws {
        guard (1...AttributeKeyQuery.limitMax).contains(limit) else {
            throw ValidationError(
                "--limit is \(limit); it must be from 1 to \(AttributeKeyQuery.limitMax).")
        }
        guard scope == nil || key.map({ Place($0).scope == nil }) ?? true else {
            throw ValidationError("The key says where it stands; leave --scope out.")
        }
    }

    private static func scope(_ text: String) throws -> AttributeScope {
        guard let scope = AttributeScope.ofTraces.first(where: { $0.rawValue == text }) else {
            let words = AttributeScope.ofTraces.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(text)' is not a scope; write one of \(words).")
        }
        return scope
    }

    /// A key as conditions write it.
    private struct Place {
        var scope: AttributeScope?
        var key: String

        init(_ text: String) {
            // As conditions are read, so that the same words mean the same here and there.
            let condition = TraceQuery.AttributeCondition(parsing: text + "=")
            scope = condition?.scope
            key = condition?.key ?? text
        }
    }

    private struct KeyList: Decodable {
        struct Key: Decodable {
            let scope: String
            let key: String
            let types: [String]
        }
        let attributes: [Key]
        let isComplete: Bool
    }

    private struct ValueList: Decodable {
        let values: [String]
        let isComplete: Bool
    }

    func run() async throws {
        let client = QueryClient(base: try server.base())
        let place = key.map { Place($0) }
        var query = [("limit", String(limit))]
        if let scope = place?.scope ?? scope { query.append(("scope", scope.rawValue)) }
        if let prefix { query.append(("prefix", prefix)) }
        if let place {
            try await listValues(of: place, client, query)
        } else {
            try await listKeys(client, query)
        }
    }

    private func listKeys(_ client: QueryClient, _ query: [(String, String)]) async throws {
        let list = try await client.get(KeyList.self, "/api/v1/attributes", query: query)
        let lines = list.attributes.map { key -> String in
            guard json else {
                return "\(key.scope):\(Terminal.visible(key.key))\t\(key.types.joined(separator: ","))\n"
            }
            return JSONValue.object([
                ("scope", .string(key.scope)), ("key", .string(key.key)),
                ("types", .array(key.types.map { .string($0) })),
            ]).text + "\n"
        }
        try Terminal.write(lines.joined())
        guard !json else { return }
        if list.attributes.isEmpty { Terminal.remark("No attribute of these is stored.") }
        if !list.isComplete { Terminal.remark("There may be more: --prefix and --scope narrow the list.") }
    }

    private func listValues(
        of place: Place, _ client: QueryClient, _ query: [(String, String)]
    ) async throws {
        let path = "/api/v1/attributes/\(QueryClient.encode(place.key))/values"
        let list = try await client.get(ValueList.self, path, query: query)
        let lines = list.values.map { value -> String in
            guard json else { return "\(Terminal.visible(key ?? ""))=\(Terminal.visible(value))\n" }
            return JSONValue.object([("value", .string(value))]).text + "\n"
        }
        try Terminal.write(lines.joined())
        guard !json else { return }
        if list.values.isEmpty { Terminal.remark("No value of \(Terminal.visible(place.key)) is stored.") }
        if !list.isComplete { Terminal.remark("There may be more: --prefix narrows the list.") }
    }
}

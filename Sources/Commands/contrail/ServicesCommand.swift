// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendHTTPAPI

/// `contrail services`: who has sent anything.
struct ServicesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "services",
        abstract: "List the services that have sent traces.",
        discussion: """
            EXAMPLES
              contrail services                         one name per line
              contrail services --json | jq -r .name    names exactly as received
            """)

    @OptionGroup var server: ServerOption

    @Flag(help: "One JSON object per line: {\"name\":…}.")
    var json = false

    private struct Answer: Decodable {
        let services: [String]
    }

    func run() async throws {
        let client = QueryClient(base: try server.base())
        let services = try await client.get(Answer.self, "/api/v1/services").services
        if services.isEmpty, !json { Terminal.remark("No service has sent anything yet.") }
        let lines = services.map { name in
            (json ? JSONValue.object([("name", .string(name))]).text : Terminal.visible(name)) + "\n"
        }
        try Terminal.write(lines.joined())
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// `contrail health`: for probes of containers, which know exit codes only.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Tell whether a running contrail takes spans now: exit status 0, or 1 with the reason.",
        discussion: """
            Asks /ready at the port of the page: the store is open and takes spans, and no shutdown has begun. \
            With --alive it asks /health, which answers as long as the process serves: for probes that \
            restart what does not answer. A full disk is no reason to start again.

            EXAMPLES
              contrail health
              contrail health --alive --url http://127.0.0.1:16686
              HEALTHCHECK CMD ["contrail", "health"]            in a Dockerfile
            """)

    @OptionGroup var server: ServerOption

    @Flag(help: "Ask only whether the process serves.")
    var alive = false

    @Flag(help: "Say nothing; the exit status tells.")
    var quiet = false

    private struct Health: Decodable {
        let status: String
    }

    func run() async throws {
        let client = QueryClient(base: try server.base())
        do throws(CommandFailure) {
            let health = try await client.get(Health.self, alive ? "/health" : "/ready")
            if !quiet { Terminal.remark("\(client.base) is \(health.status).") }
        } catch {
            if quiet { throw ExitCode.failure }
            throw error
        }
    }
}

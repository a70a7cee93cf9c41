// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import TelemetryModel

/// The program: everything it can do hangs below this command.
@main
struct ContrailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contrail",
        abstract: "Receives OpenTelemetry traces and logs, keeps them, and shows where the time went.",
        discussion: """
            Without a subcommand, contrail serves: point OTEL_EXPORTER_OTLP_ENDPOINT of your services at \
            http://127.0.0.1:4318 (HTTP) or http://127.0.0.1:4317 (gRPC), and open http://127.0.0.1:16686.
            """,
        version: ContrailVersion.current,
        subcommands: [
            ServeCommand.self, ServicesCommand.self, AttributesCommand.self, TracesCommand.self,
            ShowCommand.self, LogsCommand.self,
            ExportCommand.self, ImportCommand.self, CheckCommand.self, HealthCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)
}

// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BackendServer
internal import Foundation
internal import Logging
internal import ServiceLifecycle
internal import TelemetryStorage
internal import UnixSignals

/// `contrail serve`: receiver, store, API and page in this process, until SIGTERM or ^C.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Receive traces, keep them, and show them on a page. What contrail does by itself.",
        discussion: """
            EXAMPLES
              contrail                                  everything on its usual port
              contrail serve --in-memory --ui-port 0    nothing stays, any free port
              contrail serve --retention-age 14d --retention-bytes 20GiB
              CONTRAIL_DATA_DIR=/srv/traces contrail    set by the environment

            In the services that are to be seen, set
              OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318
              OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf
            or
              OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317
              OTEL_EXPORTER_OTLP_PROTOCOL=grpc

            When everything is up, one line of JSON on standard output says so ("event":"ready") with the \
            ports in use; everything for people is on standard error. SIGTERM and ^C finish what is under way \
            and leave with status 0; a second ^C leaves at once.

            The port of the page has what those need who watch it: /metrics (Prometheus), /health (the process \
            lives), /ready (spans are taken; else 503 with the reason) and /api/v1/store. 'contrail health' \
            asks for containers.
            """)

    @Option(name: ServeSetting.host.name, help: ServeSetting.host.help)
    var host: String?

    @Option(name: ServeSetting.allowedHost.name, help: ServeSetting.allowedHost.help)
    var allowedHost: [String] = []

    @Option(name: ServeSetting.grpcPort.name, help: ServeSetting.grpcPort.help)
    var grpcPort: String?

    @Option(name: ServeSetting.httpPort.name, help: ServeSetting.httpPort.help)
    var httpPort: String?

    @Option(name: ServeSetting.uiPort.name, help: ServeSetting.uiPort.help)
    var uiPort: String?

    @Option(name: ServeSetting.dataDirectory.name, help: ServeSetting.dataDirectory.help)
    var dataDirectory: String?

    @Flag(name: ServeSetting.inMemory.name, help: ServeSetting.inMemory.help)
    var inMemory = false

    @Option(name: ServeSetting.retentionAge.name, help: ServeSetting.retentionAge.help)
    var retentionAge: String?

    @Option(name: ServeSetting.retentionBytes.name, help: ServeSetting.retentionBytes.help)
    var retentionBytes: String?

    @Option(name: ServeSetting.retentionDiskShare.name, help: ServeSetting.retentionDiskShare.help)
    var retentionDiskShare: String?

    @Option(name: ServeSetting.samplingStrategies.name, help: ServeSetting.samplingStrategies.help)
    var samplingStrategies: String?

    func run() async throws {
        LargeAllocations.returnAtOnce()
        var flags: [ServeSetting: String] = [:]
        flags[.host] = host
        if !allowedHost.isEmpty { flags[.allowedHost] = allowedHost.joined(separator: ",") }
        flags[.grpcPort] = grpcPort
        flags[.httpPort] = httpPort
        flags[.uiPort] = uiPort
        flags[.dataDirectory] = dataDirectory
        flags[.retentionAge] = retentionAge
        flags[.retentionBytes] = retentionBytes
        flags[.retentionDiskShare] = retentionDiskShare
        flags[.samplingStrategies] = samplingStrategies
        if inMemory { flags[.inMemory] = "true" }
        let settings = ServeSettings(flags: flags, environment: ProcessInfo.processInfo.environment)
        let configuration = try Self.validated(settings)

        // Standard output belongs to the ready line.
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "contrail")
        // What was deleted is a notice.
        logger.logLevel = .notice
        let server = try await start(configuration, logger: logger)
        let announcement = ServeAnnouncement(configuration: configuration, ports: server.ports)
        try await ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: server), .init(service: AnnouncementAtStart(announcement: announcement)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        ).run()
    }

    /// Wrong values end as missing ones do: with the usage, and status 64.
    private static func validated(
        _ settings: ServeSettings
    ) throws(ValidationError) -> BackendServerConfiguration {
        do {
            return try settings.backend()
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func start(
        _ configuration: BackendServerConfiguration, logger: Logger
    ) async throws(CommandFailure) -> BackendServer {
        do {
            return try await BackendServer.start(configuration, logger: logger)
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// Says that everything is up: as a service, because then the signals are being listened for, and whoever
/// reads the ready line may send one at once.
private struct AnnouncementAtStart: Service {
    let announcement: ServeAnnouncement

    func run() async throws {
        try? FileHandle.standardOutput.write(contentsOf: Data((announcement.readyLine + "\n").utf8))
        try? FileHandle.standardError.write(contentsOf: Data(announcement.hint.utf8))
        try await gracefulShutdown()
        // After the first ^C or SIGTERM, the signals belong to the system again: the next one ends the
        // process at once.
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
    }
}

extension CommandFailure {
    /// The error with what to do about it, in the words of this command's flags.
    init(_ error: BackendStartError) {
        switch error {
        case .portTaken(let door, _, _):
            self.init(
                "\(error). Stop that program, or choose another port with \(door.setting.flag) "
                    + "(0 picks a free one)."
            )
        case .cannotListen(let door, _, _, _):
            self.init(
                "\(error). Choose another address with \(ServeSetting.host.flag) or port with "
                    + "\(door.setting.flag).")
        case .samplingStrategies:
            self.init(
                "\(error). Mend the file, or start without \(ServeSetting.samplingStrategies.flag).")
        case .storage:
            let reason = "\(error)"
            let flag = ServeSetting.dataDirectory.flag
            // Some reasons say already what to do.
            let advice =
                reason.contains(flag)
                ? ""
                : ". Choose another directory with \(flag), or keep nothing with "
                    + "\(ServeSetting.inMemory.flag)."
            self.init((advice.isEmpty ? reason : String(reason.trimmingSuffix("."))) + advice)
        }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ suffix: Character) -> Substring {
        self[..<(lastIndex { $0 != suffix }.map(index(after:)) ?? startIndex)]
    }
}

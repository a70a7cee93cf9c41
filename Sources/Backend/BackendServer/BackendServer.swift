// SPDX-License-Identifier: Apache-2.0

internal import BackendHTTPAPI
internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
internal import OTLPReceiver
internal import ServiceLifecycle
package import TelemetryStorage
internal import TelemetryStorageSQLite
internal import WebUI

/// The whole backend in one value: OTLP over gRPC and HTTP, the store, the API and the page.
///
/// ``start(_:logger:)`` has everything that can fail; what it returns has its ports and its store. ``run()``
/// serves.
package struct BackendServer: Service {
    /// The ports in use, also when zero was asked for.
    package let ports: [BackendPort: Int]
    private let store: any TelemetryStore
    private let logs: any LogStore
    // One of each for every address of the host.
    private let grpc: [OTLPGRPCServer]
    private let http: [HTTPListener<SamplingResponder>]
    private let ui: [HTTPListener<RouterResponder<BasicRequestContext>>]
    private let readiness: Readiness
    private let retention: RetentionKeeper
    private let shutdownGrace: Duration
    private let logger: Logger

    /// Takes the ports, then opens the store. On an error nothing has been started.
    package static func start(
        _ configuration: BackendServerConfiguration, logger: Logger
    ) async throws(BackendStartError) -> BackendServer {
        try await start(
            configuration, logger: logger,
            openingLogs: { () throws(StorageError) in try openLogs(configuration, logger) }
        ) { () throws(StorageError) in
            switch configuration.storage {
            case .directory(let path):
                try SQLiteTraceStore.open(directory: path) { what in
                    logger.error(
                        "stored traces are damaged: what cannot be read is missing from all answers",
                        metadata: ["what": "\(what)", "directory": "\(path)"])
                } upgraded: {
                    logger.notice("\($0)")
                }
            case .memory: try SQLiteTraceStore.inMemory()
            }
        }
    }

    private static func openLogs(
        _ configuration: BackendServerConfiguration, _ logger: Logger
    ) throws(StorageError) -> any LogStore {
        switch configuration.storage {
        case .directory(let path):
            try SQLiteLogStore.open(directory: path) { what in
                logger.error(
                    "stored logs are damaged: what cannot be read is missing from all answers",
                    metadata: ["what": "\(what)", "directory": "\(path)"])
            } upgraded: {
                logger.notice("\($0)")
            }
        case .memory: try SQLiteLogStore.inMemory()
        }
    }

    /// The same over stores of the caller's, logs in memory when they do not say; they are opened when all
    /// ports are taken, that for traces first.
    package static func start(
        _ configuration: BackendServerConfiguration, logger: Logger,
        openingLogs openLogs: () throws(StorageError) -> any LogStore = { () throws(StorageError) in
            try SQLiteLogStore.inMemory()
        },
        opening open: () throws(StorageError) -> any TelemetryStore
    ) async throws(BackendStartError) -> BackendServer {
        let strategies = try samplingStrategies(configuration, logger)
        let grpc = try listen(.grpc, configuration)
        let http = try listen(.http, configuration)
        let ui = try listen(.ui, configuration)
        let store: any TelemetryStore
        let logs: any LogStore
        do throws(StorageError) {
            store = try open()
        } catch {
            throw .storage(error)
        }
        do throws(StorageError) {
            logs = try openLogs()
        } catch {
            // Nothing is left open that another start would find in use.
            await store.close()
            throw .storage(error)
        }
        return BackendServer(
            configuration, ports: [.grpc: grpc.port, .http: http.port, .ui: ui.port],
            grpc: grpc.sockets, http: http.sockets, ui: ui.sockets, store: store, logs: logs,
            strategies: strategies, logger: logger)
    }

    private static func samplingStrategies(
        _ configuration: BackendServerConfiguration, _ logger: Logger
    ) throws(BackendStartError) -> SamplingStrategiesFile? {
        guard let path = configuration.samplingStrategies else { return nil }
        do throws(SamplingStrategiesError) {
            return try SamplingStrategiesFile(path: path, logger: logger)
        } catch {
            throw .samplingStrategies(file: path, error)
        }
    }

    private static func listen(
        _ door: BackendPort, _ configuration: BackendServerConfiguration
    ) throws(BackendStartError) -> ListeningPort {
        let port = configuration.ports[door] ?? 0
        do throws(ListeningSocket.Failure) {
            return try ListeningPort(host: configuration.host, port: port)
        } catch {
            throw switch error {
            case .taken: .portTaken(door, host: configuration.host, port: port)
            case .noSuchAddress(let reason), .other(let reason):
                .cannotListen(door, host: configuration.host, port: port, reason: reason)
            }
        }
    }

    private init(
        _ configuration: BackendServerConfiguration, ports: [BackendPort: Int], grpc: [ListeningSocket],
        http: [ListeningSocket], ui: [ListeningSocket], store: any TelemetryStore,
        logs: any LogStore, strategies: SamplingStrategiesFile?, logger: Logger
    ) {
        self.ports = ports
        self.store = store
        self.logs = logs
        let place = if case .directory(let path) = configuration.storage { path } else { "memory" }
        let metrics = ServerMetrics(startTime: Double(WallClock.now()) / 1e9)
        let writer = WatchedWriter(store, at: place, logger: logger, times: metrics.writes)
        let ingest = TraceIngest(
            writer: writer, limits: configuration.limits, metrics: metrics.receivers)
        let logWriter = WatchedLogWriter(logs, at: place, logger: logger)
        let logsIngest = LogsIngest(writer: logWriter, beside: ingest, now: { WallClock.now() })
        let readiness = Readiness(store: store, spans: writer, logs: logWriter)
        self.readiness = readiness
        let retention = Self.retention(configuration.retention, store, logs, logger)
        self.retention = retention
        let words = PortWords(ports)
        let wrongProtocol = RareWarning(logger)
        self.grpc = grpc.map {
            OTLPGRPCServer(
                listeningSocket: $0.take(), ingest: ingest, logs: logsIngest,
                adviceForHTTP1: words.adviceForHTTP1,
                turnedAway: { wrongProtocol.warn("HTTP/1.1 came to the port for gRPC: \($0)") })
        }
        let hosts = AdmittedHosts([configuration.host] + configuration.allowedHosts)
        let receiver = OTLPHTTPResponder(ingest: ingest, logs: logsIngest)
        self.http = http.map {
            HTTPListener(
                listeningSocket: $0.take(),
                responder: SamplingResponder(receiver: receiver, file: strategies), hosts: hosts,
                limits: configuration.limits,
                logger: logger, refusal: { receiver.answer(.misdirected, to: $0) },
                stalled: {
                    metrics.receivers.refused(.stalled, at: .http)
                    return OTLPHTTPResponder<BasicRequestContext>.stalled(contentType: $0)
                },
                adviceForGRPC: words.adviceForGRPC, metrics: metrics.receivers, door: .http)
        }
        let router = Router(context: BasicRequestContext.self)
        BackendHTTPAPI(
            store: store, logs: logs,
            receivers: .init(grpcPort: ports[.grpc] ?? 0, httpPort: ports[.http] ?? 0),
            operation: Self.operation(metrics, ingest, readiness, store, logs, retention)
        ).addRoutes(to: router)
        WebPage().addRoutes(to: router)
        for path: RouterPath in ["/v1/traces", "/v1/metrics", "/v1/logs"] {
            router.post(path) { request, _ in receiver.answer(words.notHere, to: request) }
        }
        let pages = router.buildResponder()
        self.ui = ui.map {
            HTTPListener(
                listeningSocket: $0.take(), responder: pages, hosts: hosts, limits: configuration.limits,
                logger: logger, refusal: Self.misdirected,
                stalled: { _ in
                    ("text/plain; charset=utf-8", Array((Refusal.stalled.message + "\n").utf8))
                }, adviceForGRPC: words.adviceForGRPC, metrics: metrics.receivers, door: .ui)
        }
        shutdownGrace = configuration.shutdownGrace
        self.logger = logger
    }

    /// For people who opened the page under a name.
    @Sendable private static func misdirected(_ request: Request) -> Response {
        let response = Response(
            status: .misdirectedRequest,
            headers: [.contentType: "text/plain; charset=utf-8", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: Refusal.misdirected.message + "\n")))
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// Serves until a graceful shutdown, then finishes what is under way and closes the store.
    package func run() async throws {
        do {
            try await serve()
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func close() async {
        await store.close()
        await logs.close()
    }

    private enum Ending { case receiver, page, grace, retention }

    private func serve() async throws {
        try await withThrowingTaskGroup(of: Ending.self) { group in
            let receivers: [@Sendable () async throws -> Void] = grpc.map { $0.run } + http.map { $0.run }
            for receiver in receivers {
                group.addTask {
                    try await receiver()
                    return .receiver
                }
            }
            for page in ui {
                group.addTask {
                    try await page.run()
                    return .page
                }
            }
            group.addTask {
                await retention.run()
                return .retention
            }
            group.addTask {
                try await gracefulShutdown()
                readiness.beginShutdown()
                for listener in http { listener.beginGracefulShutdown() }
                for server in grpc { server.beginGracefulShutdown() }
                try await Task.sleep(for: shutdownGrace)
                return .grace
            }
            var receiving = receivers.count
            var running = receivers.count + ui.count
            while running > 0, let ending = try await group.next() {
                switch ending {
                case .receiver:
                    receiving -= 1
                    running -= 1
                    // Whoever watches is told to the end why nothing is accepted any more.
                    if receiving == 0 { for listener in ui { listener.beginGracefulShutdown() } }
                case .page: running -= 1
                case .retention: break
                case .grace:
                    logger.warning("requests were still under way when the time for the shutdown was over")
                    running = 0
                }
            }
            group.cancelAll()
        }
    }
}

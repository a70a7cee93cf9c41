// SPDX-License-Identifier: Apache-2.0

import BackendServer
import Logging
import ServiceLifecycle
import TelemetryStorage

/// A backend that serves while a test looks at it, on free ports.
struct RunningBackend {
    let ports: [BackendPort: Int]
    fileprivate let group: ServiceGroup

    func url(_ door: BackendPort, _ path: String = "") -> String { "http://127.0.0.1:\(port(door))\(path)" }

    func port(_ door: BackendPort) -> Int { ports[door] ?? 0 }

    /// Begins a graceful shutdown, and returns at once.
    func beginShutdown() async { await group.triggerGracefulShutdown() }
}

/// Starts a backend, over `store` or over what `storage` says, and shuts it down gracefully behind `body`.
func withBackend<Value: Sendable>(
    storage: BackendServerConfiguration.Storage = .memory, store: (any TelemetryStore)? = nil,
    logs: (any LogStore)? = nil,
    configure: (inout BackendServerConfiguration) -> Void = { _ in },
    _ body: (RunningBackend) async throws -> Value
) async throws -> Value {
    var configuration = BackendServerConfiguration(
        ports: [.grpc: 0, .http: 0, .ui: 0], storage: storage)
    configure(&configuration)
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let server =
        if let store, let logs {
            try await BackendServer.start(configuration, logger: logger, openingLogs: { logs }) { store }
        } else if let store {
            try await BackendServer.start(configuration, logger: logger) { store }
        } else {
            try await BackendServer.start(configuration, logger: logger)
        }
    let group = ServiceGroup(configuration: .init(services: [.init(service: server)], logger: logger))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        let result: Result<Value, any Error>
        do {
            result = .success(try await body(RunningBackend(ports: server.ports, group: group)))
        } catch {
            result = .failure(error)
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import Synchronization
internal import TelemetryStorage

/// Whether this server would store spans and logs that came now, and why not.
final class Readiness: Sendable {
    private let store: any TelemetryStore
    private let spans: WatchedWriter
    private let logs: WatchedLogWriter
    private let isShuttingDown = Mutex(false)

    /// Bytes that must be left on the disk. With less, a commit of some large requests would fail.
    static let diskFreeBytesMin = 8 << 20

    init(store: any TelemetryStore, spans: WatchedWriter, logs: WatchedLogWriter) {
        self.store = store
        self.spans = spans
        self.logs = logs
    }

    func beginShutdown() { isShuttingDown.withLock { $0 = true } }

    /// A sentence for people; nil when the server is ready.
    func obstacle() async -> String? {
        if isShuttingDown.withLock({ $0 }) { return "contrail is shutting down" }
        if let obstacle = spans.obstacle { return obstacle }
        if let obstacle = logs.obstacle { return "logs: \(obstacle)" }
        do {
            let status = try await store.status()
            if let free = status.diskFreeBytes, free < Self.diskFreeBytesMin {
                return "the disk is full: \(free) bytes are left beside the data directory; make room"
            }
        } catch {
            return "\(error)"
        }
        return nil
    }
}

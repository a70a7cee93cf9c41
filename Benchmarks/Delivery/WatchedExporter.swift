// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetrySDK

/// Notes how long the exporter behind it has nothing to do while a batch is waiting.
final class WatchedExporter: SpanExporter {
    private struct State {
        /// End of the last export, when it left a batch behind.
        var idleSince: ContinuousClock.Instant?
        var idleMax = Duration.zero
    }

    private static let batchSize = 512
    private let exporter: any SpanExporter
    private let state = Mutex(State())
    let counts = Mutex<@Sendable () -> SpanCounts>({ SpanCounts() })

    init(_ exporter: any SpanExporter) { self.exporter = exporter }

    /// Nanoseconds.
    var idleMax: Double { state.withLock { $0.idleMax / .nanoseconds(1) } }

    func restart() { state.withLock { $0 = State() } }

    func export(_ batch: SpanBatch) async -> ExportResult {
        let now = ContinuousClock.now
        state.withLock { state in
            if let since = state.idleSince { state.idleMax = max(state.idleMax, now - since) }
            state.idleSince = nil
        }
        let result = await exporter.export(batch)
        let read = counts.withLock { $0 }
        let end = ContinuousClock.now
        if read().queued >= Self.batchSize { state.withLock { $0.idleSince = end } }
        return result
    }

    func forceFlush() async { await exporter.forceFlush() }

    func shutdown() async { await exporter.shutdown() }
}

// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization
import TelemetrySDK

/// Notes how long the exporter behind it has nothing to do while a batch is waiting.
final class WatchedExporter: SpanExporter {
    private struct State {
        /// End of the last export, when it left a batch behind.
        var idleSince: ContinuousClock.Instant?
        var threadWait = (thread: pthread_t(), nanoseconds: 0.0)
        var idleMax = 0.0
        var idleWithProcessorMax = 0.0
    }

    private static let batchSize = 512
    private let exporter: any SpanExporter
    private let state = Mutex(State())
    let counts = Mutex<@Sendable () -> SpanCounts>({ SpanCounts() })

    init(_ exporter: any SpanExporter) { self.exporter = exporter }

    /// Nanoseconds.
    var idleMax: Double { state.withLock { $0.idleMax } }

    /// Nanoseconds, without those in which the thread was ready and had no processor.
    var idleWithProcessorMax: Double { state.withLock { $0.idleWithProcessorMax } }

    func restart() { state.withLock { $0 = State() } }

    func export(_ batch: SpanBatch) async -> ExportResult {
        let now = ContinuousClock.now
        let wait = Usage.threadWait
        state.withLock { state in
            if let since = state.idleSince {
                let idle = (now - since) / .nanoseconds(1)
                let isSameThread = wait.thread == state.threadWait.thread
                let waited = isSameThread ? wait.nanoseconds - state.threadWait.nanoseconds : 0
                state.idleMax = max(state.idleMax, idle)
                state.idleWithProcessorMax = max(state.idleWithProcessorMax, idle - waited)
            }
            state.idleSince = nil
        }
        let result = await exporter.export(batch)
        let read = counts.withLock { $0 }
        let waited = Usage.threadWait
        let end = ContinuousClock.now
        if read().queued >= Self.batchSize {
            state.withLock { state in
                state.idleSince = end
                state.threadWait = waited
            }
        }
        return result
    }

    func forceFlush() async { await exporter.forceFlush() }

    func shutdown() async { await exporter.shutdown() }
}

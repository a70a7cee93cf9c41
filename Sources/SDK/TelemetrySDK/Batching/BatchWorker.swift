// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import Synchronization

/// The task behind a batch processor.
final class BatchWorker: Sendable {
    private struct State {
        var flushes: [CheckedContinuation<Void, Never>] = []
        var loop: Task<Void, Never>?
        var isShutDown = false
        /// The first shutdown; later ones wait for it.
        var ending: Task<FlushReport, Never>?
        var hasEnded = false
    }

    private let queue: BatchQueue
    private let exporter: any SpanExporter
    private let configuration: BatchSpanProcessor.Configuration
    private let clock: any Clock<Duration>
    private let wake: WakeSignal
    /// Nil when they are switched off.
    private let metrics: SpanPipelineMetrics?
    private let state = Mutex(State())

    init(
        queue: BatchQueue, exporter: any SpanExporter, configuration: BatchSpanProcessor.Configuration,
        clock: any Clock<Duration>, wake: WakeSignal
    ) {
        self.queue = queue
        self.exporter = exporter
        self.configuration = configuration
        self.clock = clock
        self.wake = wake
        metrics =
            configuration.reportsMetrics
            ? SpanPipelineMetrics(exporter: exporter, capacity: configuration.queueSize) : nil
    }

    /// Detached: what it exports must not become part of the trace that happened to be current.
    func start() {
        let loop = Task.detached { await self.run() }
        state.withLock { $0.loop = loop }
    }

    private func run() async {
        while true {
            let reasons = await wake.wait(atMost: configuration.scheduledDelay, clock)
            let flushes = state.withLock { state in
                let flushes = state.flushes
                state.flushes = []
                return flushes
            }
            var hasExported = false
            if reasons == .batchReady {
                // Those that are full now: under load there is always another, and flushes and reports would
                // wait.
                var left = queue.readyBatches
                while left > 0, await exportOne() > 0 {
                    hasExported = true
                    left -= 1
                }
                if queue.readyBatches > 0 { wake.raise(.batchReady) }
            } else {
                // What is there now; what comes meanwhile is for the next round, or a flush would never end.
                var left = queue.queuedCount
                while left > 0 {
                    let exported = await exportOne()
                    left = exported > 0 ? left - exported : 0
                }
                hasExported = true
            }
            if hasExported { wake.restartDelay() }
            reportDrops()
            if !flushes.isEmpty || (reasons.contains(.stop) && !Task.isCancelled) {
                // OpenTelemetry 1.60, "ForceFlush": built-in processors "MUST try to call the exporter's Export
                // with all Spans for which this was not already done and then invoke ForceFlush on it"; "Shutdown
                // MUST include the effects of ForceFlush".
                await exporter.forceFlush()
                for flush in flushes { flush.resume() }
            }
            if reasons.contains(.stop) || Task.isCancelled { break }
        }
        wake.restartDelay()
        queue.freeMemory()
        // On a task of its own: this one may have been cancelled, and a shutdown is not to be cut short by that.
        let exporter = exporter
        await Task.detached { await exporter.shutdown() }.value
        let late = state.withLock { state in
            state.hasEnded = true
            return state.flushes
        }
        for flush in late { flush.resume() }
    }

    /// Exports one batch and counts what became of it; the number of its spans, 0 when nothing waited.
    private func exportOne() async -> Int {
        guard !Task.isCancelled, let (number, spans) = queue.takeBatch() else { return 0 }
        let exporter = exporter
        let metrics = metrics?.isOn == true ? metrics : nil
        let observation = metrics.map { _ in ExportObservation() }
        metrics?.passed(spans.count, waiting: queue.queuedCount)
        let start = ctr_monotonic_ns()
        // Each task more is a wait more for a thread, while spans wait: one that exports, one that looks at the clock.
        let (timeout, clock, first) = (configuration.exportTimeout, clock, FirstAnswer<ExportResult?>())
        let export = Task.detached {
            first.give(
                await ExportObservation.$current.withValue(observation) {
                    await exporter.export(SpanBatch(spans))
                })
        }
        let timer = Task.detached {
            if (try? await clock.sleep(for: timeout)) != nil { first.give(nil) }
        }
        // Cancelled from two sides: when its own time is over, and when that of the shutdown is.
        let result = await withTaskCancellationHandler {
            await first.value
        } onCancel: {
            export.cancel()
        }
        timer.cancel()
        if result == nil { export.cancel() }
        let outcome = Outcome(result, of: spans.count, status: observation?.status)
        if queue.settle(number, delivered: outcome.delivered, dropped: outcome.dropped, outcome.reason) {
            metrics?.exported(
                outcome.delivered, failed: outcome.dropped, errorType: outcome.errorType,
                status: observation?.status, nanoseconds: ctr_monotonic_ns() &- start)
            outcome.report()
        }
        // OpenTelemetry 1.60, "Export(batch)": never called concurrently for the same exporter. One that does not heed
        // its cancellation holds up its own queue only.
        if result == nil { await export.value }
        return spans.count
    }

    private let reportedDrops = Mutex<[SpanDropReason: Int]>([:])

    /// Tells of spans that the queue did not take since the last time.
    private func reportDrops() {
        let counts = queue.counts
        metrics?.waits(counts.queued)
        for (reason, errorType) in [(SpanDropReason.queueFull, "queue_full"), (.tooLarge, "too_large")] {
            let total = counts.droppedByReason[reason] ?? 0
            let new = reportedDrops.withLock { reported in
                defer { reported[reason] = total }
                return total - (reported[reason] ?? 0)
            }
            guard new > 0 else { continue }
            metrics?.refused(new, errorType)
            SDKDiagnostics.report(.spansDropped(count: new, reason: reason))
        }
    }

    /// Drops everything that is left; how many spans that was.
    private func abandonQueue() -> Int {
        let (waiting, inFlight) = queue.abandon()
        metrics?.refused(waiting, "shutdown_timeout")
        if inFlight > 0 {
            metrics?.exported(
                0, failed: inFlight, errorType: "shutdown_timeout", status: nil, nanoseconds: nil)
        }
        metrics?.waits(0)
        let lost = waiting + inFlight
        if lost > 0 { SDKDiagnostics.report(.spansDropped(count: lost, reason: .shutDown)) }
        return lost
    }

    func flush(_ timeout: Duration) async -> FlushReport {
        let before = queue.counts
        let (isShutDown, ending) = state.withLock { ($0.isShutDown, $0.ending) }
        guard !isShutDown else { return await ending.afterwards(atMost: timeout, clock) }
        let done: Void? = await within(timeout, clock) {
            await withCheckedContinuation { continuation in
                let hasEnded = self.state.withLock { state in
                    if !state.hasEnded { state.flushes.append(continuation) }
                    return state.hasEnded
                }
                if hasEnded { continuation.resume() } else { self.wake.raise(.flush) }
            }
        }
        return report(done != nil, since: before)
    }

    func shutdown(_ timeout: Duration) async -> FlushReport {
        let (isFirst, ending) = state.withLock { state in
            let isFirst = !state.isShutDown
            if isFirst {
                state.isShutDown = true
                let loop = state.loop
                state.ending = Task { await self.end(loop, timeout) }
            }
            return (isFirst, state.ending)
        }
        guard isFirst, let first = ending else { return await ending.afterwards(atMost: timeout, clock) }
        return await first.value
    }

    private func end(_ loop: Task<Void, Never>?, _ timeout: Duration) async -> FlushReport {
        guard let loop else { return FlushReport(.completed) }
        let before = queue.counts
        queue.close()
        wake.raise(.stop)
        if await within(timeout, clock, { await loop.value }) != nil { return report(true, since: before) }
        let lost = abandonQueue()
        loop.cancel()
        return FlushReport(.timedOut, undelivered: lost)
    }

    private func report(_ inTime: Bool, since before: SpanCounts) -> FlushReport {
        let now = queue.counts
        guard inTime else { return FlushReport(.timedOut, undelivered: now.queued + now.inFlight) }
        let refused: [SpanDropReason] = [.exportFailed, .exportTimeout, .rejected]
        let failed = refused.reduce(0) {
            $0 + (now.droppedByReason[$1] ?? 0) - (before.droppedByReason[$1] ?? 0)
        }
        return failed > 0 ? FlushReport(.failed, undelivered: failed) : FlushReport(.completed)
    }

    /// Nobody holds the processor any more and nobody shut it down.
    func abandon() {
        let wasShutDown = state.withLock { state in
            let was = state.isShutDown
            state.isShutDown = true
            return was
        }
        guard !wasShutDown else { return }
        _ = abandonQueue()
        state.withLock { $0.loop }?.cancel()
        wake.raise(.stop)
    }
}

/// What became of a batch.
private struct Outcome {
    var delivered = 0
    var dropped = 0
    var reason = SpanDropReason.exportFailed
    /// For a metric; nil when everything was delivered.
    var errorType: String?
    private var problem: SDKProblem?

    /// `result` is nil when the export took too long.
    init(_ result: ExportResult?, of count: Int, status: ExportObservation.Status?) {
        switch result {
        case .success(let rejected, let message):
            reason = .rejected
            dropped = min(max(0, rejected), count)
            delivered = count - dropped
            if dropped > 0 { errorType = "rejected" }
            if !message.isEmpty { problem = .exportWarning(message: message) }
        case .failure(let error):
            reason = error.code == .timeout ? .exportTimeout : .exportFailed
            dropped = count
            problem = .exportFailed(error)
            switch status {
            case .http(let code) where code >= 400: errorType = "\(code)"
            case .grpc(let code) where code != "OK": errorType = code
            default: errorType = error.code.rawValue
            }
        case nil:
            reason = .exportTimeout
            dropped = count
            errorType = "timeout"
        }
    }

    func report() {
        if let problem { SDKDiagnostics.report(problem) }
        if dropped > 0 { SDKDiagnostics.report(.spansDropped(count: dropped, reason: reason)) }
    }
}

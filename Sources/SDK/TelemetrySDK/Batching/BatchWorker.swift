// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import Synchronization

/// The task behind a batch processor.
///
/// As long as batches are ready, they are exported one behind the other in one task, which suspends nowhere but in the
/// exporter: each task or timer between two exports is a wait for a thread, while spans wait and are dropped.
final class BatchWorker: Sendable {
    private struct State {
        var flushes: [CheckedContinuation<Void, Never>] = []
        var loop: Task<Void, Never>?
        /// Exports, within the loop; another one after each export that took too long.
        var runner: Task<Round?, Never>?
        var isShutDown = false
        /// The first shutdown; later ones wait for it.
        var ending: Task<FlushReport, Never>?
        var hasEnded = false
        /// The exporter was told that this is the end.
        var hasToldExporter = false
    }

    /// What the worker was woken for, and how far it has come.
    private struct Round {
        let reasons: WakeSignal.Reasons
        let flushes: [CheckedContinuation<Void, Never>]
        /// Spans to be exported, full batch or not; nil: whatever batches are ready.
        var left: Int?
        var hasExported = false
    }

    private let queue: BatchQueue
    private let exporter: any SpanExporter
    private let configuration: BatchSpanProcessor.Configuration
    private let clock: any Clock<Duration>
    private let wake: WakeSignal
    private let timer: any ExportTimer
    /// For tests.
    private let executor: (any TaskExecutor)?
    /// Nil when they are switched off.
    private let metrics: SpanPipelineMetrics?
    private let state = Mutex(State())

    init(
        queue: BatchQueue, exporter: any SpanExporter, configuration: BatchSpanProcessor.Configuration,
        clock: any Clock<Duration>, wake: WakeSignal, executor: (any TaskExecutor)? = nil
    ) {
        self.queue = queue
        self.exporter = exporter
        self.configuration = configuration
        self.clock = clock
        self.wake = wake
        self.executor = executor
        timer = makeExportTimer(configuration.exportTimeout, clock)
        metrics =
            configuration.reportsMetrics
            ? SpanPipelineMetrics(exporter: exporter, capacity: configuration.queueSize) : nil
    }

    /// Detached: what it exports must not become part of the trace that happened to be current.
    func start() {
        let loop = Task.detached(executorPreference: executor) { await self.run() }
        state.withLock { $0.loop = loop }
    }

    private func run() async {
        var unfinished: Round?
        repeat {
            let round = unfinished
            let runner = state.withLock { state in
                let runner = Task.detached(executorPreference: executor) { await self.work(round) }
                state.runner = runner
                return runner
            }
            unfinished = await withTaskCancellationHandler {
                await runner.value
            } onCancel: {
                runner.cancel()
            }
        } while unfinished != nil && !Task.isCancelled
        timer.rest()
        wake.restartDelay()
        queue.freeMemory()
        // On a task of its own: this one may have been cancelled, and a shutdown is not to be cut short by that.
        await Task.detached { await self.shutDownExporter() }.value
        let late = state.withLock { state in
            state.hasEnded = true
            return state.flushes + (unfinished?.flushes ?? [])
        }
        for flush in late { flush.resume() }
    }

    /// Round after round until the end; or the round in which this task was cancelled, since an export took too
    /// long: another task has to go on with it.
    private func work(_ unfinished: Round?) async -> Round? {
        var unfinished = unfinished
        while true {
            var round: Round
            if let left = unfinished { round = left } else { round = await nextRound() }
            unfinished = nil
            guard await export(&round) else { return round }
            timer.rest()
            if round.hasExported { wake.restartDelay() }
            reportDrops()
            if !round.flushes.isEmpty || (round.reasons.contains(.stop) && !Task.isCancelled) {
                // OpenTelemetry 1.60, "ForceFlush": built-in processors "MUST try to call the exporter's Export
                // with all Spans for which this was not already done and then invoke ForceFlush on it"; "Shutdown
                // MUST include the effects of ForceFlush".
                await flushExporter()
                for flush in round.flushes { flush.resume() }
            }
            if round.reasons.contains(.stop) || Task.isCancelled { return nil }
        }
    }

    /// An exporter that hangs in it is left alone with it after an export's time: its queue has to go on.
    private func flushExporter() async {
        let exporter = exporter
        let done: Void? = await within(configuration.exportTimeout, clock) { await exporter.forceFlush() }
        guard done == nil, !Task.isCancelled else { return }
        let name = (exporter as? any DescribedExporter)?.componentType ?? "\(type(of: exporter))"
        SDKDiagnostics.report(
            .exportFailed(ExportError(code: .timeout, endpoint: name, message: "a flush took too long")))
    }

    /// Once, whoever comes first: the worker when all is sent, or a shutdown that has waited long enough for that.
    private func shutDownExporter() async {
        let isFirst = state.withLock { state in
            defer { state.hasToldExporter = true }
            return !state.hasToldExporter
        }
        if isFirst { await exporter.shutdown() }
    }

    private func nextRound() async -> Round {
        let reasons = await wake.wait(atMost: configuration.scheduledDelay, clock)
        let flushes = state.withLock { state in
            let flushes = state.flushes
            state.flushes = []
            return flushes
        }
        guard reasons == .batchReady else {
            // What is there now; what comes meanwhile is for the next round, or a flush would never end.
            return Round(reasons: reasons, flushes: flushes, left: queue.queuedCount, hasExported: true)
        }
        return Round(reasons: reasons, flushes: flushes)
    }

    /// False when an export was cancelled, and this task with it.
    private func export(_ round: inout Round) async -> Bool {
        while !Task.isCancelled {
            guard let left = round.left else {
                // Until somebody wants more than that: a flush, the end, or what the delay has made due.
                guard let batch = queue.takeBatch(onlyIfReady: true) else { return true }
                round.hasExported = true
                guard await export(batch.spans, number: batch.number) else { return false }
                guard !wake.isMoreThanBatchReady else {
                    wake.raise(.batchReady)
                    return true
                }
                continue
            }
            guard left > 0, let batch = queue.takeBatch() else { return true }
            round.left = left - batch.spans.count
            guard await export(batch.spans, number: batch.number) else { return false }
        }
        return true
    }

    /// Exports one batch and counts what became of it; false when that had been counted before, since it took too
    /// long or nobody wanted to wait any more.
    private func export(_ spans: EncodedSpans, number: Int) async -> Bool {
        let metrics = metrics?.isOn == true ? metrics : nil
        let observation = metrics.map { _ in ExportObservation() }
        metrics?.passed(spans.count, waiting: queue.queuedCount)
        let start = ctr_monotonic_ns()
        timer.begin { self.exportTimedOut(number, of: spans.count, observation, since: start) }
        let result = await ExportObservation.$current.withValue(observation) {
            await exporter.export(SpanBatch(spans))
        }
        timer.end()
        return settle(number, result, of: spans.count, observation, since: start)
    }

    // OpenTelemetry 1.60, "Export(batch)": never called concurrently for the same exporter. So one that does not heed
    // its cancellation holds up its own queue.
    private func exportTimedOut(
        _ number: Int, of count: Int, _ observation: ExportObservation?, since start: UInt64
    ) {
        // Before the batch is settled: afterwards it may be the next one, which has done nothing wrong.
        let runner = state.withLock(\.runner)
        if settle(number, nil, of: count, observation, since: start) { runner?.cancel() }
    }

    /// `result` is nil when the export took too long.
    private func settle(
        _ number: Int, _ result: ExportResult?, of count: Int, _ observation: ExportObservation?,
        since start: UInt64
    ) -> Bool {
        let outcome = ExportOutcome(result, of: count, status: observation?.status)
        guard queue.settle(number, delivered: outcome.delivered, dropped: outcome.dropped, outcome.reason)
        else { return false }
        if metrics?.isOn == true {
            metrics?.exported(
                outcome.delivered, failed: outcome.dropped, errorType: outcome.errorType,
                status: observation?.status, nanoseconds: ctr_monotonic_ns() &- start)
        }
        outcome.report()
        return true
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
        // An export that hears of no cancellation may hear of this; nobody waits for it any more.
        Task.detached { await self.shutDownExporter() }
        return FlushReport(.timedOut, undelivered: lost + refused(since: before, queue.counts))
    }

    private func report(_ inTime: Bool, since before: SpanCounts) -> FlushReport {
        let now = queue.counts
        let refused = refused(since: before, now)
        guard inTime else {
            return FlushReport(.timedOut, undelivered: now.queued + now.inFlight + refused)
        }
        return refused > 0 ? FlushReport(.failed, undelivered: refused) : FlushReport(.completed)
    }

    /// Spans that came out of the queue and did not arrive.
    private func refused(since before: SpanCounts, _ now: SpanCounts) -> Int {
        [SpanDropReason.exportFailed, .exportTimeout, .rejected].reduce(0) {
            $0 + (now.droppedByReason[$1] ?? 0) - (before.droppedByReason[$1] ?? 0)
        }
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

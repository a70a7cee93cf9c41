// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Collects finished spans and exports them in batches, on a task of its own.
///
/// Bounded in spans and in bytes: what does not fit is dropped, the newest first, and counted (``counts``). A batch
/// goes out when it is full, when the delay has passed, and on a flush; one export at a time. Nothing is sent twice.
/// Source: OpenTelemetry specification 1.60, "Batching processor".
public final class BatchSpanProcessor: SpanProcessor {
    /// Sizes and times, with the specification's defaults.
    public struct Configuration: Hashable, Sendable {
        /// Spans that wait; more are dropped.
        public var queueSize: Int
        /// Between two exports when no batch gets full.
        public var scheduledDelay: Duration
        /// For one export; then it is cancelled and its spans are counted as lost.
        public var exportTimeout: Duration
        /// Spans of one export, at most the queue's size.
        public var batchSize: Int
        /// Bytes of the spans of one export, encoded; resource and scopes come on top. With more, fewer spans than
        /// ``batchSize`` leave at once; a span that alone has more is dropped (``SpanDropReason/tooLarge``).
        public var batchBytes: Int
        /// Bytes of the spans that wait or are being exported; more are dropped. Counted in whole chunks of 64 KiB.
        public var queueBytes: Int
        /// Whether the processor and its exporter tell how they fare through swift-metrics (`otel.sdk.*`), if the
        /// program has a backend for it.
        public var reportsMetrics = true

        /// Leaves 190 kB for resource and scopes below the 4 MiB that gRPC servers take.
        public static let standardBatchBytes = 4_000_000
        /// 128 MiB. A full queue of spans of 1 KiB has 2.
        public static let standardQueueBytes = 128 << 20

        /// Sizes below 1 are taken as 1, a batch larger than the queue as the queue's size, batches of less than 64
        /// KiB as 64 KiB, and a queue that has no room for two batches as one that has. An export timeout of zero (or
        /// less) is no limit.
        public init(
            queueSize: Int = 2048, scheduledDelay: Duration = .milliseconds(5000),
            exportTimeout: Duration = .milliseconds(30000), batchSize: Int = 512,
            batchBytes: Int = standardBatchBytes, queueBytes: Int = standardQueueBytes
        ) {
            self.queueSize = max(1, queueSize)
            self.scheduledDelay = scheduledDelay
            self.exportTimeout = exportTimeout
            self.batchSize = min(max(1, batchSize), max(1, queueSize))
            // No span can be larger than that sum.
            self.batchBytes = min(max(SpanChunk.normalSize, batchBytes), 1 << 30)
            self.queueBytes = max(2 * self.batchBytes, queueBytes)
        }

        /// What is set after `init` has not passed its checks.
        var usable: Configuration {
            var usable = Configuration(
                queueSize: queueSize,
                scheduledDelay: min(max(scheduledDelay, Self.scheduledDelayMin), .longest),
                exportTimeout: exportTimeout > .zero ? min(exportTimeout, .longest) : .longest,
                batchSize: batchSize, batchBytes: batchBytes, queueBytes: queueBytes)
            usable.reportsMetrics = reportsMetrics
            return usable
        }

        /// Without any delay the worker would never rest.
        private static let scheduledDelayMin = Duration.milliseconds(1)
    }

    // Safety of the unowned references to it: a queue is never freed.
    let queue: BatchQueue
    private let worker: BatchWorker

    /// Starts the task that exports.
    public convenience init(exporter: any SpanExporter, configuration: Configuration = Configuration()) {
        self.init(exporter: exporter, configuration: configuration, clock: ContinuousClock())
    }

    /// Starts the task that exports.
    ///
    /// - Parameters:
    ///   - exporter: called for one batch at a time.
    ///   - configuration: sizes and times.
    ///   - clock: for the delay and the timeouts; tests pass one that they move by hand.
    public convenience init(
        exporter: any SpanExporter, configuration: Configuration = Configuration(),
        clock: any Clock<Duration>
    ) {
        self.init(exporter: exporter, configuration: configuration, clock: clock, executor: nil)
    }

    /// `executor` runs the task that exports; nil is the default one.
    init(
        exporter: any SpanExporter, configuration: Configuration, clock: any Clock<Duration>,
        executor: (any TaskExecutor)?
    ) {
        let configuration = configuration.usable
        let wake = WakeSignal()
        queue = BatchQueue(configuration, wake: wake)
        worker = BatchWorker(
            queue: queue, exporter: exporter, configuration: configuration, clock: clock, wake: wake,
            executor: executor)
        worker.start()
    }

    deinit { worker.abandon() }

    /// What became of the spans so far. Adds up at any moment.
    public var counts: SpanCounts { queue.counts }

    /// ``counts`` for whoever does not keep the processor, and with it the exporter, alive.
    package var countsAfterItsEnd: @Sendable () -> SpanCounts { { [queue] in queue.counts } }

    public func onEnd(_ span: FinishedSpan) {
        if span.isSampled { BatchQueue.offer(span.span, span.span.state, to: queue.facts) }
    }

    public func forceFlush(timeout: Duration) async -> FlushReport { await worker.flush(timeout) }

    public func shutdown(timeout: Duration) async -> FlushReport { await worker.shutdown(timeout) }
}

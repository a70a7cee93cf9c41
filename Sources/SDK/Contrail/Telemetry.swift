// SPDX-License-Identifier: Apache-2.0

import Logging
public import ServiceLifecycle
public import TelemetrySDK

/// Telemetry that runs.
///
/// A service: run it beside the program's other services, so that on graceful shutdown, when those have
/// ended, the last spans are sent. It works before it is run, too; running it only waits for the end.
public final class Telemetry: Service, CustomStringConvertible {
    /// Longest wait for the last spans. What has not left by then is lost, and said in a log line.
    public static let shutdownTimeout = Duration.seconds(10)

    /// What was decided, and by whom.
    public let settings: ResolvedSettings
    /// Nil when telemetry is off.
    private let provider: TracerProvider?
    /// Of each exporter what it is and what became of its spans.
    private let pipelines: [Pipeline]
    /// Ask for sampling strategies until the end.
    private let pollers: [SamplingStrategyPoller]
    private let logger: Logger

    init(
        settings: ResolvedSettings, provider: TracerProvider?, pipelines: [Pipeline] = [],
        pollers: [SamplingStrategyPoller], logger: Logger
    ) {
        self.settings = settings
        self.provider = provider
        self.pipelines = pipelines
        self.pollers = pollers
        self.logger = logger
    }

    /// What became of the spans that have ended, exact at this moment and after the end:
    /// `created == delivered + dropped + queued + inFlight`. With several exporters the sum of all, so that a span
    /// counts once for each of them.
    public var spanCounts: SpanCounts { pipelines.reduce(SpanCounts()) { $0 + $1.counts() } }

    /// ``spanCounts`` of each exporter, in the order of ``settings``.
    public var spanCountsByExporter: [ExporterCounts] {
        pipelines.map { ExporterCounts(exporter: $0.exporter, counts: $0.counts()) }
    }

    /// What became of the spans of one exporter.
    public struct ExporterCounts: Hashable, Sendable {
        /// Its address without user and query, `stdout`, or its type.
        public let exporter: String
        public let counts: SpanCounts
    }

    /// An exporter and its queue.
    struct Pipeline: Sendable {
        let exporter: String
        let counts: @Sendable () -> SpanCounts
    }

    /// Waits for graceful shutdown or cancellation, then sends the last spans.
    public func run() async throws {
        // Cancellation ends the wait like shutdown does.
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Sends all spans that have ended, and waits until they have left. Spans go on being collected.
    @discardableResult
    public func forceFlush(timeout: Duration = shutdownTimeout) async -> FlushReport {
        guard let provider else { return FlushReport(.completed) }
        return await Self.undisturbed { await provider.forceFlush(timeout: timeout) }
    }

    /// Sends the last spans and ends; spans that end later are dropped. Safe to call twice: a later
    /// call waits until the first is over.
    @discardableResult
    public func shutdown(timeout: Duration = shutdownTimeout) async -> FlushReport {
        guard let provider else { return FlushReport(.completed) }
        let report = await Self.undisturbed { [pollers] in
            // Beside the last export: nobody waits for a poll that hangs.
            async let report = provider.shutdown(timeout: timeout)
            _ = await within(timeout, ContinuousClock()) {
                await withTaskGroup(of: Void.self) { group in
                    for poller in pollers { group.addTask { await poller.stop() } }
                }
            }
            return await report
        }
        if report.undelivered > 0 || report.outcome == .timedOut || report.outcome == .failed {
            logger.warning(
                "opentelemetry_spans_lost",
                metadata: ["spans": "\(report.undelivered)", "reason": "\(report.outcome)"])
        }
        return report
    }

    /// Whoever is cancelled still sends its last spans: they tell why.
    private static func undisturbed(_ body: @escaping @Sendable () async -> FlushReport) async -> FlushReport
    {
        await Task { await body() }.value
    }

    public var description: String { "Contrail" }
}

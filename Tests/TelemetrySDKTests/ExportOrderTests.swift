// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Dispatch
import Synchronization
import TelemetryAPI
import Testing

@testable import TelemetrySDK

@Suite("Order of exports")
struct ExportOrderTests {
    @Test(
        "with a batch in the queue the next export begins before anything else",
        arguments: [true, false])
    func nothingBetween(suspends: Bool) async {
        let log = EventLog()
        let exporter = LoggedExporter(log, suspends: suspends)
        let processor = BatchSpanProcessor(
            exporter: exporter, configuration: .init(queueSize: 100, batchSize: 10), clock: ManualClock(),
            executor: LoggingExecutor(log))
        let provider = TracerProvider(processors: [processor])
        let tracer = provider.tracer(TelemetryScope("com.example.order-tests"))
        // The first export waits until ten more batches have filled the queue.
        for _ in 0..<10 { tracer.startSpan("first").end() }
        await exporter.firstBegins()
        for _ in 0..<100 { tracer.startSpan("next").end() }
        log.restart()
        exporter.releaseFirst()
        _ = await provider.shutdown()
        #expect(processor.counts.delivered == 110)
        let events = log.events
        let ends = events.indices.filter { events[$0] == .exportEnds }
        #expect(ends.count == 11)
        for end in ends.dropLast() { #expect(events[end + 1] == .exportBegins) }
        // What runs while an export is under way is seen, or the claim would be empty.
        #expect(events.contains(.job))
    }
}

private enum Event: Hashable {
    /// The executor has begun a piece of work.
    case job
    case exportBegins
    case exportEnds
}

private final class EventLog: Sendable {
    private let state = Mutex<[Event]>([])

    var events: [Event] { state.withLock { $0 } }

    func note(_ event: Event) { state.withLock { $0.append(event) } }

    func restart() { state.withLock { $0 = [] } }
}

private final class LoggingExecutor: TaskExecutor {
    private let log: EventLog
    private let queue = DispatchQueue(label: "com.example.order-tests")

    init(_ log: EventLog) { self.log = log }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            self.log.note(.job)
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        }
    }
}

/// Its first export waits for ``releaseFirst()``.
private final class LoggedExporter: SpanExporter {
    private let log: EventLog
    private let suspends: Bool
    private let exports = Mutex(0)
    private let began = AsyncStream.makeStream(of: Void.self)
    private let released = AsyncStream.makeStream(of: Void.self)

    init(_ log: EventLog, suspends: Bool) {
        self.log = log
        self.suspends = suspends
    }

    func firstBegins() async { for await _ in began.stream { return } }

    func releaseFirst() { released.continuation.finish() }

    func export(_ batch: SpanBatch) async -> ExportResult {
        log.note(.exportBegins)
        let isFirst = exports.withLock { exports in
            exports += 1
            return exports == 1
        }
        if isFirst {
            began.continuation.yield()
            for await _ in released.stream {}
        }
        if suspends { await Task.yield() }
        log.note(.exportEnds)
        return .success()
    }

    func forceFlush() async {}

    func shutdown() async {}
}

// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
public import TelemetrySDK

/// The contract of `SpanProcessor`, for a type of your own:
///
/// ```swift
/// try await SpanProcessorContract.check { MyProcessor() }
/// try await SpanProcessorContract.checkDelivery { MyBatchProcessor(exporter: $0) }
/// ```
/// Source: OpenTelemetry specification 1.60, "Span processor".
public enum SpanProcessorContract {
    /// How much longer than asked a flush or shutdown may take before it counts as late.
    public static let graceTime = Duration.seconds(2)

    private static let spanCount = 2_000

    /// Checks the rules that hold for every processor.
    ///
    /// - Parameters:
    ///   - callTimeMax: longest that all calls for 2,000 spans may take together.
    ///   - make: a new processor.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func check(
        callTimeMax: Duration = .seconds(5), _ make: () async throws -> any SpanProcessor
    ) async throws {
        var findings = ContractFindings()
        let processor = try await make()
        let provider = TracerProvider(processors: [processor])
        let tracer = provider.tracer(TelemetryScope("contract"))

        // "OnStart … is called synchronously on the thread that started the span, therefore it should not block"
        let clock = ContinuousClock()
        let start = clock.now
        let finished = await outcome(within: callTimeMax * 4) {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        (0..<spanCount / 8).allSatisfy { number in
                            let span = tracer.startSpan(
                                "span \(number)", attributes: ["number": .int(Int64(number))])
                            let isOpen = span.isRecording
                            span.addEvent("event")
                            span.end()
                            return isOpen
                        }
                    }
                }
                return await group.reduce(true) { $0 && $1 }
            }
        }
        let time = start.duration(to: clock.now)
        let quick = "onStart, onEnding and onEnd return quickly, from many threads at once"
        findings.expect(quick, time <= callTimeMax, found: "\(spanCount) spans take \(time)")
        if let finished {
            findings.expect("onStart leaves the span open", finished, found: "it has ended in onStart")
        }

        // "ForceFlush SHOULD complete or abort within some timeout."
        for timeout in [Duration.seconds(1), .zero] {
            findings.expect(
                "forceFlush keeps its timeout",
                await outcome(within: timeout + graceTime) { await processor.forceFlush(timeout: timeout) }
                    != nil,
                found: "with \(timeout) it takes more than \(timeout + graceTime)")
        }
        // "Shutdown SHOULD be called only once for each SpanProcessor instance. After the call to Shutdown,
        // subsequent calls to OnStart, OnEnd, or ForceFlush are not allowed. SDKs SHOULD ignore these calls
        // gracefully"
        for what in ["shutdown", "a second shutdown"] {
            findings.expect(
                "shutdown keeps its timeout",
                await outcome(within: .seconds(1) + graceTime) {
                    await processor.shutdown(timeout: .seconds(1))
                }
                    != nil, found: "\(what) takes more than \(.seconds(1) + graceTime)")
        }
        let late = await outcome(within: callTimeMax) {
            let span = tracer.startSpan("late")
            processor.onStart(span, parentContext: .topLevel)
            processor.onEnding(span)
            span.end()
            return await processor.forceFlush(timeout: .seconds(1))
        }
        findings.expect("what comes after shutdown is ignored", late != nil, found: "it hangs")
        try findings.check(processor)
    }

    /// Checks the rules for a processor that hands spans to an exporter.
    ///
    /// - Parameters:
    ///   - timeLimit: longest flush or shutdown.
    ///   - make: a new processor that exports to the exporter it is given, with room for 200 spans.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func checkDelivery(
        timeLimit: Duration = .seconds(10), _ make: (any SpanExporter) async throws -> any SpanProcessor
    ) async throws {
        var findings = ContractFindings()
        let exporter = WatchedExporter()
        let processor = try await make(exporter)
        let provider = TracerProvider(sampler: EverySecondRecordedOnly(), processors: [processor])
        let tracer = provider.tracer(TelemetryScope("contract"))
        for number in 0..<100 { tracer.startSpan("span \(number)").end() }
        let flush = await outcome(within: timeLimit + graceTime) {
            await processor.forceFlush(timeout: timeLimit)
        }
        let expected = (0..<50).map { "span \(2 * $0)" }
        // "This is a hint to ensure that any tasks associated with Spans for which the SpanProcessor had already
        // received events prior to the call to ForceFlush SHOULD be completed as soon as possible"
        findings.expect(
            "a flush completes", flush?.outcome == .completed, found: "it says \(describe(flush))")
        check(&findings, exporter.names, expected, "what ended before a flush")

        for number in 100..<200 { tracer.startSpan("span \(number)").end() }
        // "Shutdown MUST include the effects of ForceFlush."
        let end = await outcome(within: timeLimit + graceTime) {
            await processor.shutdown(timeout: timeLimit)
        }
        findings.expect("a shutdown completes", end?.outcome == .completed, found: "it says \(describe(end))")
        check(&findings, exporter.names, (0..<100).map { "span \(2 * $0)" }, "what ended before a shutdown")
        findings.expect(
            "the exporter is shut down once", exporter.shutdownCount == 1,
            found: "\(exporter.shutdownCount) times")
        // "Export() will never be called concurrently for the same exporter instance."
        findings.expect(
            "an exporter has one batch at a time", exporter.concurrencyMax <= 1,
            found: "\(exporter.concurrencyMax) were given at once")
        tracer.startSpan("late").end()
        _ = await outcome(within: graceTime) { await processor.forceFlush(timeout: .seconds(1)) }
        findings.expect(
            "nothing is exported after shutdown", !exporter.names.contains("late"), found: "a span was")
        try findings.check(processor)
    }

    private static func check(
        _ findings: inout ContractFindings, _ names: [String], _ expected: [String], _ when: String
    ) {
        let recordedOnly = names.filter { Int($0.dropFirst(5)).map { !$0.isMultiple(of: 2) } ?? false }
        findings.expect(
            "spans that are only recorded are not exported", recordedOnly.isEmpty,
            found: "\(recordedOnly.count) were")
        let counts = Dictionary(grouping: names, by: { $0 }).mapValues(\.count)
        let missing = expected.filter { counts[$0] == nil }
        findings.expect(
            "\(when) is exported", missing.isEmpty,
            found: "\(missing.count) of \(expected.count) spans are missing")
        findings.expect(
            "each span is exported once", counts.values.allSatisfy { $0 == 1 },
            found: "some are \(counts.values.max() ?? 0) times")
    }

    private static func describe(_ report: FlushReport?) -> String {
        report.map { "\($0.outcome), \($0.undelivered) undelivered" } ?? "nothing: it hangs"
    }
}

/// Spans with an odd number as name's end are recorded, not sampled.
private struct EverySecondRecordedOnly: Sampler {
    var description: String { "EverySecondRecordedOnly" }

    func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        let isOdd = Int(request.name.dropFirst(5)).map { !$0.isMultiple(of: 2) } ?? false
        return SamplingResult(isOdd ? .recordOnly : .recordAndSample, traceState: TraceState())
    }
}

/// Remembers what was exported, and how.
private final class WatchedExporter: SpanExporter {
    private struct State {
        var names: [String] = []
        var running = 0
        var concurrencyMax = 0
        var shutdownCount = 0
    }

    private let state = Mutex(State())

    var names: [String] { state.withLock(\.names) }
    var concurrencyMax: Int { state.withLock(\.concurrencyMax) }
    var shutdownCount: Int { state.withLock(\.shutdownCount) }

    func export(_ batch: SpanBatch) async -> ExportResult {
        state.withLock { state in
            state.running += 1
            state.concurrencyMax = max(state.concurrencyMax, state.running)
        }
        await Task.yield()
        let names = batch.resourceSpans.flatMap { $0.scopeSpans.flatMap { $0.spans.map(\.name) } }
        state.withLock { state in
            state.running -= 1
            state.names += names
        }
        return .success()
    }

    func forceFlush() async {}

    func shutdown() async { state.withLock { $0.shutdownCount += 1 } }
}

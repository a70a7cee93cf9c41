// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import ContrailTesting
import Logging
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Testing
import Tracing

/// Each is a fault that was seen in a Swift SDK of 2026. Those of configuration and of start-up are in the suites of
/// the same name in `TelemetryConfigurationTests` and `ContrailTests`.
@Suite("Known faults of others: spans and propagation")
struct KnownFaultsOfOthersTests {
    static func telemetry(
        _ sampler: any Sampler = ParentBasedSampler(), limits: SpanLimits = SpanLimits()
    ) -> TestTelemetry {
        TestTelemetry(sampler: sampler, limits: limits, propagator: CompositePropagator.standard)
    }

    static let dropHalf = ParentBasedSampler(root: TraceIDRatioBasedSampler(ratio: 0.5))

    @Test("a dropped root's child is dropped with it, never a root of its own")
    func childOfDroppedRoot() {
        let telemetry = Self.telemetry(Self.dropHalf)
        var dropped = 0
        for _ in 0..<2_000 {
            telemetry.tracer.withSpan("root") { root in
                if !root.isRecording { dropped += 1 }
                telemetry.tracer.withSpan("child") { _ in }
            }
        }
        #expect(dropped > 0)
        #expect(telemetry.finishedSpans.count == 2 * (2_000 - dropped))
        #expect(telemetry.finishedSpans.filter { $0.name == "child" && $0.parentSpanID == nil }.isEmpty)
    }

    private enum ApplicationKey: ServiceContextKey { typealias Value = String }

    @Test("the application's own context values stay inside a dropped span")
    func applicationValues() {
        let telemetry = Self.telemetry(AlwaysOffSampler())
        var context = ServiceContext.topLevel
        context[ApplicationKey.self] = "value"
        telemetry.tracer.withSpan("root", context: context) { _ in
            telemetry.tracer.withSpan("child") { _ in
                #expect(ServiceContext.current?[ApplicationKey.self] == "value")
            }
        }
    }

    private func forwarded(_ headers: [String: String], _ telemetry: TestTelemetry) -> [String: String] {
        var context = ServiceContext.topLevel
        telemetry.tracer.extract(headers, into: &context, using: Headers())
        var outgoing: [String: String] = [:]
        telemetry.tracer.withSpan("server", context: context, ofKind: .server) { span in
            telemetry.tracer.inject(span.context, into: &outgoing, using: Headers())
        }
        return outgoing
    }

    static let traceID = "0af7651916cd43dd8448eb211c80319c"
    static let parent = "b7ad6b7169203331"

    @Test(
        "an unsampled parent goes on as unsampled: the next service is told, and starts no trace of its own")
    func unsampledParent() throws {
        let telemetry = Self.telemetry()
        let sent = try #require(
            forwarded(["traceparent": "00-\(Self.traceID)-\(Self.parent)-00"], telemetry)["traceparent"])
        #expect(sent.hasPrefix("00-\(Self.traceID)-"))
        #expect(sent.hasSuffix("-00"))
        #expect(telemetry.finishedSpans.isEmpty)
    }

    @Test("a traceparent of a later version with more fields is read as version 00")
    func laterVersion() {
        let telemetry = Self.telemetry()
        _ = forwarded(["traceparent": "01-\(Self.traceID)-\(Self.parent)-01-more"], telemetry)
        #expect(telemetry.finishedSpans.first?.traceID.hex == Self.traceID)
        #expect(telemetry.finishedSpans.first?.parentSpanID?.hex == Self.parent)
    }

    @Test(
        "a bad tracestate does not cost the traceparent, and empty list members are legal",
        arguments: [("a=1,,b=2", "a=1,b=2"), ("A=1", ""), ("a=1,a=2", ""), ("=", "")])
    func badTraceState(header: String, kept: String) {
        let telemetry = Self.telemetry()
        let sent = forwarded(
            ["traceparent": "00-\(Self.traceID)-\(Self.parent)-01", "tracestate": header], telemetry)
        #expect(sent["traceparent"]?.hasPrefix("00-\(Self.traceID)-") == true)
        #expect(sent["tracestate"] ?? "" == kept)
        #expect(telemetry.finishedSpans.first?.traceID.hex == Self.traceID)
    }

    // In a process of its own, since the place where problems are told is one for the process.
    @Test("a traceparent that is garbage prints no header")
    func printsNoHeaders() async throws {
        let result = await #expect(
            processExitsWith: .success, observing: [\.standardOutputContent, \.standardErrorContent]
        ) {
            let secret = ["hunter", "2"].joined()
            let telemetry = KnownFaultsOfOthersTests.telemetry()
            for garbage in ["garbage", "00-0-0-0", "\u{1}", String(repeating: "f", count: 10_000)] {
                var context = ServiceContext.topLevel
                let headers = [
                    "traceparent": garbage, "tracestate": garbage, "baggage": garbage,
                    "authorization": secret,
                ]
                telemetry.tracer.extract(headers, into: &context, using: Headers())
                #expect(context.spanContext == nil)
                telemetry.tracer.withSpan("span", context: context) { _ in }
            }
        }
        for output in [result?.standardOutputContent, result?.standardErrorContent] {
            let text = String(decoding: try #require(output), as: UTF8.self)
            #expect(!text.contains("hunter" + "2"))
            #expect(!text.contains("ffffffff"))
        }
    }

    @Test("a flush followed by a shutdown sends each span once")
    func flushThenShutdown() async {
        let exporter = InMemorySpanExporter()
        let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
        for _ in 0..<100 { provider.tracer(TelemetryScope("test")).startSpan("span").end() }
        #expect(await provider.forceFlush() == FlushReport(.completed))
        #expect(await provider.shutdown() == FlushReport(.completed))
        #expect(exporter.finishedSpans.count == 100)
        #expect(Set(exporter.finishedSpans.map(\.spanID)).count == 100)
    }

    @Test("a burst followed by a shutdown arrives, or is counted as dropped: nothing is lost silently")
    func burst() async {
        let exporter = InMemorySpanExporter()
        let processor = BatchSpanProcessor(exporter: exporter)
        let provider = TracerProvider(processors: [processor])
        for _ in 0..<20_000 { provider.tracer(TelemetryScope("test")).startSpan("span").end() }
        #expect(await provider.shutdown() == FlushReport(.completed))
        let counts = processor.counts
        #expect(counts.created == 20_000)
        #expect(exporter.finishedSpans.count == counts.delivered)
        #expect(counts.delivered + (counts.droppedByReason[.queueFull] ?? 0) == 20_000)
        // The whole queue at least: a shutdown drains it.
        #expect(counts.delivered >= 2_048)
    }

    @Test("spans that come slowly are never lost to a queue that waits until it is full")
    func slowSpans() async {
        let exporter = ScriptedExporter()
        let processor = BatchSpanProcessor(exporter: exporter, clock: ManualClock())
        let provider = TracerProvider(processors: [processor])
        for round in 1...20 {
            for _ in 0..<512 { provider.tracer(TelemetryScope("test")).startSpan("span").end() }
            #expect(await eventually { exporter.names.count == round * 512 })
        }
        #expect(processor.counts.dropped == 0)
    }

    @Test("the ratio sampler reads the trace id big-endian, as every other language does")
    func endianness() {
        let sampler = TraceIDRatioBasedSampler(ratio: 0.5)
        func keeps(_ low: UInt64) -> Bool {
            let request = SamplingRequest(traceID: TraceID(high: 1, low: low), name: "span")
            return sampler.shouldSample(request).decision == .recordAndSample
        }
        #expect(keeps(0x00ff_ffff_ffff_ffff))
        #expect(!keeps(0xff00_0000_0000_0000))
    }

    @Test("each library's spans have its scope, and no version of ours")
    func scopes() {
        let telemetry = Self.telemetry()
        telemetry.tracer.startSpan("module").end()
        telemetry.provider.tracer(TelemetryScope("com.example.items", version: "1.4.0")).startSpan("library")
            .end()
        let scopes = telemetry.exporter.resourceSpans.flatMap { $0.scopeSpans.map(\.scope) }
        #expect(scopes.map(\.name) == ["TelemetrySDKTests", "com.example.items"])
        #expect(scopes.map(\.version) == ["", "1.4.0"])
    }

    @Test("there are limits of every kind, and what they leave out is counted")
    func limits() throws {
        let telemetry = Self.telemetry()
        let span = telemetry.tracer.startSpan("span")
        for index in 0..<200 {
            span.attributes["\(index)"] = index
            span.addEvent(Tracing.SpanEvent(name: "\(index)"))
            span.addLink(Tracing.SpanLink(context: span.context, attributes: [:]))
        }
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes.count == 128 && data.droppedAttributesCount == 72)
        #expect(data.events.count == 128 && data.droppedEventsCount == 72)
        #expect(data.links.count == 128 && data.droppedLinksCount == 72)
    }

    @Test("a span ended by two threads at once is exported once")
    func endedTwice() async {
        let telemetry = Self.telemetry()
        for _ in 0..<300 {
            let span = telemetry.tracer.startSpan("span")
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { span.end() } }
            }
        }
        #expect(telemetry.finishedSpans.count == 300)
    }

    @Test("starting a span makes it current nowhere, and a tracer's flush flushes")
    func bridge() async {
        let exporter = ScriptedExporter()
        let provider = TracerProvider(processors: [
            BatchSpanProcessor(exporter: exporter, clock: ManualClock())
        ])
        let tracer = provider.tracingTracer(propagator: CompositePropagator.standard)
        let span = tracer.startSpan("span")
        #expect(ServiceContext.current == nil)
        span.end()
        tracer.forceFlush()
        #expect(await eventually { exporter.names == ["span"] })
    }

    @Test("a logger for the SDK's own lines keeps its level, and a thousand problems are one line")
    func diagnostics() async {
        await #expect(processExitsWith: .success) {
            let lines = Warnings()
            func logger(_ level: Logger.Level) -> Logger {
                Logger(label: "test", factory: { _ in KeepingHandler(logLevel: level, lines: lines) })
            }
            SDKDiagnostics.setLogger(logger(.error))
            for _ in 0..<1_000 { SDKDiagnostics.report(.spansDropped(count: 1, reason: .queueFull)) }
            #expect(lines.all == [])
            SDKDiagnostics.setLogger(logger(.trace))
            for _ in 0..<1_000 { SDKDiagnostics.report(.exportWarning(message: "text")) }
            #expect(lines.all == ["The receiver of spans sent a warning."])
        }
    }

    @Test("times are kept to the nanosecond")
    func resolution() throws {
        let telemetry = Self.telemetry()
        let start: UInt64 = 1_763_829_000_123_456_789
        telemetry.provider.tracer(TelemetryScope("test")).startSpan("span", startTime: start).end(
            at: start + 1)
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.startTimeUnixNano == start && data.endTimeUnixNano == start + 1)
    }

    @Test("what processors, exporters, samplers and ids do can be replaced by the user's own")
    func extensionPoints() {
        struct Own: Sampler {
            let description = "Own"
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                SamplingResult(.recordAndSample, traceState: TraceState(), attributes: ["sampler": "own"])
            }
        }
        let seen = RecordedCalls()
        let telemetry = TestTelemetry(sampler: Own(), idGenerator: FixedIDs(), processors: [seen])
        telemetry.tracer.startSpan("span").end()
        #expect(seen.calls == ["start span", "ending span", "end span"])
        #expect(telemetry.finishedSpans.first?.attributes == ["sampler": "own"])
        #expect(telemetry.finishedSpans.first?.spanID == SpanID(value: 1))
    }
}

private struct KeepingHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level
    let lines: Warnings

    init(logLevel: Logger.Level, lines: Warnings) {
        self.logLevel = logLevel
        self.lines = lines
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.message)") }
}

private struct Headers: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("Tracer provider and processors")
struct ProviderTests {
    let scope = TelemetryScope("com.example.provider-tests")

    @Test("each processor is told in the order of registration, all endings before any end")
    func order() {
        struct Logging: SpanProcessor {
            let name: String
            let add: @Sendable (String) -> Void
            func onStart(_ span: TelemetrySpan, parentContext: ServiceContext) { add("start \(name)") }
            func onEnding(_ span: TelemetrySpan) { add("ending \(name)") }
            func onEnd(_ span: FinishedSpan) { add("end \(name)") }
        }
        let box = LineLog()
        let provider = TracerProvider(processors: [
            Logging(name: "1", add: box.add), Logging(name: "2", add: box.add),
        ])
        provider.tracer(scope).startSpan("span").end()
        #expect(box.lines == ["start 1", "start 2", "ending 1", "ending 2", "end 1", "end 2"])
    }

    @Test("onStart sees the parent context and may change the span; onEnding may too, and has the last word")
    func changes() throws {
        struct Changing: SpanProcessor {
            func onStart(_ span: TelemetrySpan, parentContext: ServiceContext) {
                span.setAttribute("parent", parentContext.spanContext?.spanID.hex ?? "none")
            }
            func onEnding(_ span: TelemetrySpan) {
                #expect(span.isRecording)
                span["secret"] = "removed"
                span.end(at: 1)
            }
        }
        let telemetry = TestTelemetry(processors: [Changing()])
        let tracer = telemetry.provider.tracer(scope)
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 16), traceFlags: .sampled)
        let span = tracer.startSpan("span", context: context)
        span["secret"] = "password"
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(telemetry.finishedSpans.count == 1)
        #expect(data.attributes == ["parent": "0000000000000010", "secret": "removed"])
        #expect(data.endTimeUnixNano > 1)
    }

    @Test("several exporters each get every span")
    func severalExporters() async {
        let first = InMemorySpanExporter()
        let second = InMemorySpanExporter()
        let third = InMemorySpanExporter()
        let provider = TracerProvider(processors: [
            SimpleSpanProcessor(exporter: first), BatchSpanProcessor(exporter: second),
            BatchSpanProcessor(exporter: third),
        ])
        for index in 0..<10 { provider.tracer(scope).startSpan("\(index)").end() }
        #expect(await provider.shutdown() == FlushReport(.completed))
        let names = (0..<10).map { "\($0)" }
        #expect(first.finishedSpans.map(\.name) == names)
        #expect(second.finishedSpans.map(\.name) == names)
        #expect(third.finishedSpans.map(\.name) == names)
    }

    @Test("providers live side by side: one processor may even serve two, each span with its own resource")
    func twoProvidersOneProcessor() async {
        let exporter = InMemorySpanExporter()
        let processor = BatchSpanProcessor(exporter: exporter)
        let first = TracerProvider(
            resource: Resource(attributes: ["service.name": "first"]), processors: [processor])
        let second = TracerProvider(
            resource: Resource(attributes: ["service.name": "second"], schemaURL: "https://example.com"),
            processors: [processor])
        for _ in 0..<2 {
            first.tracer(scope).startSpan("1").end()
            second.tracer(scope).startSpan("2").end()
        }
        _ = await processor.forceFlush(timeout: .seconds(10))
        let spans = exporter.resourceSpans
        #expect(spans.map(\.resource.serviceName) == ["first", "second"])
        #expect(spans.map(\.resource.schemaURL) == ["", "https://example.com"])
        #expect(spans.map { $0.scopeSpans.flatMap { $0.spans.map(\.name) } } == [["1", "1"], ["2", "2"]])
    }

    @Test(
        "an exporter that ends a span while it exports is not asked to export that, too",
        .timeLimit(.minutes(1)))
    func exporterThatTraces() {
        let exporter = TracingExporter()
        let processor = SimpleSpanProcessor(exporter: exporter)
        let provider = TracerProvider(processors: [processor])
        let tracer = provider.tracer(scope)
        exporter.tracer.withLock { $0 = tracer }
        tracer.startSpan("of the program").end()
        exporter.tracer.withLock { $0 = nil }
        #expect(processor.counts.delivered == 1)
        #expect(processor.counts.droppedByReason == [.exportFailed: 1])
    }

    @Test("shutdown reaches every processor once; afterwards tracers do nothing and pass the context on")
    func shutdown() async {
        let seen = RecordedCalls()
        let telemetry = TestTelemetry(processors: [seen])
        let tracer = telemetry.provider.tracer(scope)
        #expect(tracer.isEnabled)
        #expect(await telemetry.provider.forceFlush() == FlushReport(.completed))
        #expect(await telemetry.provider.shutdown() == FlushReport(.completed))
        #expect(await telemetry.provider.shutdown() == FlushReport(.alreadyShutDown))
        #expect(await telemetry.provider.forceFlush() == FlushReport(.alreadyShutDown))
        #expect(seen.calls == ["flush", "shutdown"])
        #expect(!tracer.isEnabled)
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1), isRemote: true)
        #expect(tracer.startSpan("late", context: context).context == context.spanContext)
        let late = telemetry.tracer.startSpan("late", context: context)
        #expect(late.context.spanContext == context.spanContext)
        late.end()
        #expect(telemetry.finishedSpans.isEmpty)
    }

    @Test("a tracer without processors is not enabled")
    func noProcessors() {
        let provider = TracerProvider(processors: [])
        #expect(!provider.tracer(scope).isEnabled)
        provider.tracer(scope).startSpan("span").end()
    }

    @Test("a scope made before the provider follows the one of its task, and only there")
    func taskDefault() {
        let telemetry = TestTelemetry()
        telemetry.run { scope.tracer.withSpan("inside") { _ in } }
        scope.tracer.withSpan("outside") { _ in }
        #expect(telemetry.finishedSpans.map(\.name) == ["inside"])
    }

    @Test("ids of a generator that gives invalid ones are replaced")
    func invalidIDs() {
        struct Zeros: IDGenerator {
            func traceID() -> TraceID { .invalid }
            func spanID() -> SpanID { .invalid }
        }
        let telemetry = TestTelemetry(idGenerator: Zeros())
        telemetry.provider.tracer(scope).startSpan("span").end()
        #expect(telemetry.finishedSpans.first?.traceID.isValid == true)
        #expect(telemetry.finishedSpans.first?.spanID.isValid == true)
    }
}

private final class LineLog: Sendable {
    private let state = Mutex<[String]>([])
    var lines: [String] { state.withLock { $0 } }
    func add(_ line: String) { state.withLock { $0.append(line) } }
}

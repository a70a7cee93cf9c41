// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Tracer provider")
struct TracerProviderTests {
    @Test("a provider is made of resource, sampler, limits, ids, clock and processors, and uses them")
    func parts() async throws {
        let exporter = InMemorySpanExporter()
        let clock = ManualClock(unixNano: 7_000)
        let provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "items"]), sampler: AlwaysOnSampler(),
            limits: SpanLimits(attributeCount: 1), idGenerator: FixedIDs(), clock: clock,
            processors: [SimpleSpanProcessor(exporter: exporter)])
        #expect(provider.resource.serviceName == "items")
        #expect(provider.sampler.description == "AlwaysOnSampler")
        #expect(provider.limits.attributeCount == 1)
        provider.tracer(TelemetryScope("test")).startSpan("span", attributes: ["a": 1, "b": 2]).end()
        let span = try #require(exporter.finishedSpans.first)
        #expect(exporter.resourceSpans.first?.resource == provider.resource)
        #expect(span.traceID == TraceID(high: 0, low: 1))
        #expect(span.startTimeUnixNano == 7_000)
        #expect(span.attributes == ["a": 1])
    }

    @Test("a tracer has a name, and its spans say so")
    func name() {
        let telemetry = TestTelemetry()
        telemetry.provider.tracer(TelemetryScope("com.example.a", version: "1.2")).startSpan("a").end()
        telemetry.provider.tracer(TelemetryScope("com.example.b")).startSpan("b").end()
        let scopes = telemetry.exporter.resourceSpans.flatMap { $0.scopeSpans.map(\.scope) }
        #expect(scopes.map(\.name) == ["com.example.a", "com.example.b"])
        #expect(scopes.map(\.version) == ["1.2", ""])
    }

    // OpenTelemetry 1.60, "Get a Tracer": "In case an invalid name (null or empty string) is specified, a working
    // Tracer implementation MUST be returned as a fallback … its name SHOULD be set to an empty string".
    @Test("a tracer without a name works, and its scope's name is empty")
    func emptyName() throws {
        let telemetry = TestTelemetry()
        telemetry.provider.tracer(TelemetryScope("")).startSpan("span").end()
        let scope = try #require(telemetry.exporter.resourceSpans.first?.scopeSpans.first)
        #expect(scope.scope.name == "")
        #expect(scope.spans.map(\.name) == ["span"])
    }

    @Test("a tracer without a name is told of")
    func emptyNameIsToldOf() async {
        await #expect(processExitsWith: .success) {
            let told = Warnings()
            SDKDiagnostics.setHandler { told.add("\($0)") }
            let telemetry = TestTelemetry()
            _ = telemetry.provider.tracer(TelemetryScope("named"))
            #expect(told.all == [])
            _ = telemetry.provider.tracer(TelemetryScope(""))
            #expect(told.all == ["unnamedScope"])
        }
    }

    @Test("a schema URL of the tracer reaches the exporter")
    func schemaURL() throws {
        let telemetry = TestTelemetry()
        let url = "https://opentelemetry.io/schemas/1.44.0"
        telemetry.provider.tracer(TelemetryScope("a", schemaURL: url)).startSpan("span").end()
        #expect(telemetry.exporter.resourceSpans.first?.scopeSpans.first?.scope.schemaURL == url)
    }

    @Test("scopes that differ only in their attributes are two, and both reach the exporter")
    func scopeAttributes() async {
        let exporter = InMemorySpanExporter()
        let provider = TracerProvider(processors: [BatchSpanProcessor(exporter: exporter)])
        for team in ["x", "y", "x"] {
            let scope = TelemetryScope("a", attributes: ["team": .string(team), "list": [1, 2]])
            provider.tracer(scope).startSpan(team).end()
        }
        #expect(await provider.shutdown() == FlushReport(.completed))
        let spans = exporter.resourceSpans.flatMap(\.scopeSpans)
        #expect(
            spans.map(\.scope.attributes) == [
                ["team": "x", "list": [1, 2]], ["team": "y", "list": [1, 2]],
            ])
        #expect(spans.map { $0.spans.map(\.name) } == [["x", "x"], ["y"]])
    }

    @Test("a processor finds the scope, and the resource, in the span that has ended")
    func scopeOfReadableSpan() {
        final class Reading: SpanProcessor {
            let seen = Mutex<[InstrumentationScope]>([])
            let services = Mutex<[String?]>([])
            func onEnd(_ span: FinishedSpan) {
                seen.withLock { $0.append(span.scope) }
                services.withLock { $0.append(span.resource.serviceName) }
            }
        }
        let reading = Reading()
        let telemetry = TestTelemetry(service: "items", processors: [reading])
        let scope = TelemetryScope(
            "a", version: "1", schemaURL: "https://example.com", attributes: ["team": "x"])
        telemetry.provider.tracer(scope).startSpan("span").end()
        #expect(reading.seen.withLock { $0 } == [scope.instrumentationScope])
        #expect(reading.services.withLock { $0 } == ["items"])
    }

    @Test("tracers may be got and used by many threads at once")
    func manyThreads() async {
        let telemetry = TestTelemetry()
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for index in 0..<200 {
                        let scope = TelemetryScope("scope \(index % 10)", version: "\(thread % 2)")
                        telemetry.provider.tracer(scope).startSpan("span").end()
                    }
                }
            }
        }
        let spans = telemetry.exporter.resourceSpans.flatMap(\.scopeSpans)
        #expect(Set(spans.map(\.scope)).count == 20)
        #expect(telemetry.finishedSpans.count == 1600)
    }

    @Test("a tracer may be used by many threads at once, and every span has ids of its own")
    func oneTracerManyThreads() async {
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(TelemetryScope("test"))
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<8 {
                group.addTask {
                    for _ in 0..<100 {
                        tracer.withSpan("parent \(thread)") { _ in tracer.startSpan("child").end() }
                    }
                }
            }
        }
        #expect(Set(telemetry.finishedSpans.map(\.spanID)).count == 1600)
        #expect(Set(telemetry.finishedSpans.map(\.traceID)).count == 800)
    }

    @Test("providers side by side share nothing: ids, limits, samplers and ends are each one's own")
    func sideBySide() async {
        let scope = TelemetryScope("shared")
        let first = TestTelemetry(service: "first", idGenerator: FixedIDs())
        let second = TestTelemetry(service: "second", sampler: AlwaysOffSampler())
        let third = TestTelemetry(service: "third", limits: SpanLimits(attributeCount: 0))
        for telemetry in [first, second, third] {
            telemetry.provider.tracer(scope).startSpan("span", attributes: ["a": 1]).end()
        }
        #expect(first.finishedSpans.map(\.spanID) == [SpanID(value: 1)])
        #expect(second.finishedSpans.isEmpty)
        #expect(third.finishedSpans.map(\.droppedAttributesCount) == [1])
        _ = await first.provider.shutdown()
        #expect(!first.provider.tracer(scope).isEnabled)
        #expect(third.provider.tracer(scope).isEnabled)
    }

    @Test("a child of another provider's span joins its trace")
    func acrossProviders() {
        let first = TestTelemetry()
        let second = TestTelemetry()
        let scope = TelemetryScope("shared")
        first.provider.tracer(scope).withSpan("outer") { _ in
            second.provider.tracer(scope).withSpan("inner") { _ in }
        }
        #expect(first.finishedSpans.map(\.name) == ["outer"])
        #expect(second.finishedSpan("inner")?.parentSpanID == first.finishedSpan("outer")?.spanID)
    }

    // In a process of its own: the global provider is that of all suites.
    @Test("a tracer obtained before a provider is installed follows it, and its end")
    func followsTheGlobalOne() async {
        await #expect(processExitsWith: .success) {
            let scope = TelemetryScope("early")
            let tracer = scope.tracer
            #expect(!tracer.isEnabled)
            #expect(!tracer.startSpan("before").isRecording)
            let first = TestTelemetry()
            first.provider.installAsGlobal()
            #expect(tracer.isEnabled)
            tracer.startSpan("first").end()
            let second = TestTelemetry()
            second.provider.installAsGlobal()
            tracer.startSpan("second").end()
            TelemetryScope("late").tracer.startSpan("late").end()
            // Not the one that is installed any more.
            _ = await first.provider.shutdown()
            tracer.startSpan("still second").end()
            _ = await second.provider.shutdown()
            #expect(!tracer.isEnabled)
            #expect(!tracer.startSpan("after").isRecording)
            #expect(first.finishedSpans.map(\.name) == ["first"])
            #expect(second.finishedSpans.map(\.name) == ["second", "late", "still second"])
        }
    }
}

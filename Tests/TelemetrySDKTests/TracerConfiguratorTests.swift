// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Instrumentation
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Testing
import Tracing

@Suite("Tracer configurator")
struct TracerConfiguratorTests {
    private func provider(_ configurator: TracerConfigurator) -> (TracerProvider, InMemorySpanExporter) {
        let exporter = InMemorySpanExporter()
        let provider = TracerProvider(
            tracerConfigurator: configurator, processors: [SimpleSpanProcessor(exporter: exporter)])
        return (provider, exporter)
    }

    @Test("a tracer that is switched off makes no spans and passes its context on")
    func disabled() {
        let (provider, exporter) = provider(TracerConfigurator([.disable("noisy.*")]))
        let noisy = provider.tracer(TelemetryScope("noisy.cache"))
        let items = provider.tracer(TelemetryScope("items"))
        #expect(!noisy.isEnabled)
        #expect(items.isEnabled)
        items.withSpan("outer") { outer in
            noisy.withSpan("cache") { cache in
                #expect(!cache.isRecording)
                #expect(cache.context == outer.context)
                items.withSpan("inner") { _ in }
            }
        }
        #expect(exporter.finishedSpans.map(\.name) == ["inner", "outer"])
        #expect(exporter.finishedSpans.first?.parentSpanID == exporter.finishedSpans.last?.spanID)
    }

    @Test("the first rule that fits decides; what fits none is as the default says")
    func order() {
        let configurator = TracerConfigurator(
            [.enable("noisy.but.wanted"), .disable("noisy.*"), .enable("items")],
            otherwise: TracerConfig(isEnabled: false))
        func isEnabled(_ name: String) -> Bool {
            configurator.config(for: InstrumentationScope(name: name)).isEnabled
        }
        #expect(isEnabled("noisy.but.wanted"))
        #expect(!isEnabled("noisy.cache"))
        #expect(isEnabled("items"))
        #expect(!isEnabled("other"))
        #expect(TracerConfigurator { _ in nil }.config(for: InstrumentationScope(name: "any")).isEnabled)
    }

    @Test("modules that use swift-distributed-tracing are switched by their name")
    func bridge() {
        let (provider, exporter) = provider(TracerConfigurator([.disable("TelemetrySDKTests")]))
        let tracer = provider.tracingTracer(propagator: CompositePropagator.none)
        tracer.withSpan("here") { #expect(!$0.isRecording) }
        let span = tracer.startSpan(
            "elsewhere", context: .topLevel, ofKind: .internal, function: #function,
            file: "Items/Items.swift",
            line: #line)
        span.end()
        #expect(exporter.finishedSpans.map(\.name) == ["elsewhere"])
    }

    @Test("the function is called once for a scope, however many spans there are")
    func once() {
        let calls = Mutex<[String]>([])
        let (provider, _) = provider(
            TracerConfigurator { scope in
                calls.withLock { $0.append(scope.name) }
                return nil
            })
        for _ in 0..<10 { provider.tracer(TelemetryScope("items")).startSpan("span").end() }
        #expect(calls.withLock { $0 } == ["items"])
    }
}

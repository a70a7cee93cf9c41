// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

private enum ApplicationKey: ServiceContextKey {
    typealias Value = String
}

@Suite("Spans through swift-distributed-tracing")
struct TracingBridgeTests {
    let telemetry = TestTelemetry()

    @Test("everything set arrives")
    func everything() throws {
        var linked = ServiceContext.topLevel
        linked.spanContext = SpanContext(traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3))
        let span = telemetry.tracer.startSpan("first", ofKind: .client)
        span.attributes["string"] = "text"
        span.attributes["int"] = 42
        span.attributes["double"] = 1.5
        span.attributes["bool"] = true
        span.attributes["ints"] = [1, 2]
        span.attributes["strings"] = ["a", "b"]
        span.attributes["bools"] = [true]
        span.attributes["doubles"] = [1.5]
        span.attributes.set("converted", value: .stringConvertible(TraceID(high: 0, low: 1)))
        span.attributes["removed"] = 1
        span.attributes["removed"] = nil
        span.addEvent(Tracing.SpanEvent(name: "event", attributes: ["size": 3]))
        span.addLink(Tracing.SpanLink(context: linked, attributes: ["l": true]))
        span.setStatus(.init(code: .error, message: "went wrong"))
        span.operationName = "second"
        #expect(span.operationName == "second")
        #expect(span.attributes.get("int") == 42)
        #expect(span.isRecording)
        span.end()
        #expect(!span.isRecording)
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.name == "second")
        #expect(data.kind == .client)
        #expect(data.status == TelemetryModel.SpanStatus(code: .error, message: "went wrong"))
        let expected: Attributes = [
            "string": "text", "int": 42, "double": 1.5, "bool": true, "ints": [1, 2], "strings": ["a", "b"],
            "bools": [true], "doubles": [1.5], "converted": "00000000000000000000000000000001",
        ]
        #expect(data.attributes.count == expected.count)
        for attribute in expected { #expect(data.attributes[attribute.key] == attribute.value) }
        #expect(data.events.map(\.name) == ["event"])
        #expect(data.events.first?.attributes == ["size": 3])
        #expect(data.links.first?.traceID == TraceID(high: 1, low: 2))
        #expect(data.links.first?.attributes == ["l": true])
    }

    @Test("the scope is the module that started the span")
    func scope() throws {
        telemetry.tracer.startSpan("here").end()
        telemetry.tracer.startSpan(
            "there", context: .topLevel, ofKind: .internal, at: DefaultTracerClock.now, function: "f",
            file: "Other_Module/File.swift", line: 1
        ).end()
        let scopes = telemetry.exporter.resourceSpans.flatMap { $0.scopeSpans.map(\.scope.name) }
        #expect(scopes == ["TelemetrySDKTests", "Other_Module"])
    }

    @Test("any number of modules, and file ids made up at run time, get their own scope")
    func manyModules() {
        for round in 0..<2 {
            for index in 0..<600 {
                let module = "Module\(index)"
                telemetry.tracer.startSpan(
                    "\(round)", context: .topLevel, ofKind: .internal, at: DefaultTracerClock.now,
                    function: "f",
                    file: "\(module)/File.swift", line: 1
                ).end()
                #expect(telemetry.exporter.resourceSpans.last?.scopeSpans.first?.scope.name == module)
            }
            telemetry.reset()
        }
    }

    @Test("an error that leaves withSpan is recorded, the status is error")
    func thrownError() throws {
        struct Broken: Error {}
        #expect(throws: Broken.self) { try telemetry.tracer.withSpan("span") { _ in throw Broken() } }
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.status.code == .error)
        #expect(data.events.map(\.name) == ["exception"])
    }

    @Test("a message set before withSpan's own error is kept")
    func keptMessage() throws {
        struct Broken: Error {}
        #expect(throws: Broken.self) {
            try telemetry.tracer.withSpan("span") { span in
                span.setStatus(.init(code: .error, message: "mine"))
                throw Broken()
            }
        }
        #expect(telemetry.finishedSpans.first?.status.message == "mine")
    }

    @Test("spans of both APIs are parents of each other")
    func bothAPIs() async throws {
        let tracer = telemetry.provider.tracer(TelemetryScope("test"))
        await telemetry.tracer.withSpan("a") { _ in
            await tracer.withSpan("b") { _ in
                telemetry.tracer.withSpan("c") { _ in
                    tracer.withSpan("d") { _ in }
                }
                await Task.yield()
            }
        }
        let spans = Dictionary(uniqueKeysWithValues: telemetry.finishedSpans.map { ($0.name, $0) })
        #expect(spans["a"]?.parentSpanID == nil)
        #expect(spans["b"]?.parentSpanID == spans["a"]?.spanID)
        #expect(spans["c"]?.parentSpanID == spans["b"]?.spanID)
        #expect(spans["d"]?.parentSpanID == spans["c"]?.spanID)
        #expect(Set(spans.values.map(\.traceID)).count == 1)
    }

    @Test("both APIs set attributes of one span, the later value wins")
    func attributesOfBothAPIs() throws {
        let span = telemetry.tracer.startSpan("span")
        let same = try #require(span.context.span)
        same["a"] = 1
        same["b"] = 1
        same.setAttribute("bytes", .bytes([1]))
        span.attributes["b"] = 2
        span.attributes["c"] = 2
        same["c"] = 3
        #expect(span.attributes.get("a") == 1)
        #expect(same["b"] as Int? == 2)
        span.attributes["a"] = nil
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes.count == 3)
        #expect(data.attributes["b"] == 2)
        #expect(data.attributes["c"] == 3)
        #expect(data.attributes["bytes"] == .bytes([1]))
    }

    @Test("replacing all attributes replaces all")
    func replaceAttributes() throws {
        let span = telemetry.tracer.startSpan("span")
        span.attributes["a"] = 1
        span.attributes = ["b": 2]
        span.updateAttributes { $0["c"] = 3 }
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes.count == 2)
        #expect(data.attributes["b"] == 2 && data.attributes["c"] == 3)
    }

    @Test("a conversion that sets attributes itself neither hangs nor loses its own")
    func reentrantConversion() throws {
        struct Reentrant: SpanAttributeConvertible, @unchecked Sendable {
            let span: any Tracing.Span
            func toSpanAttribute() -> SpanAttribute {
                span.attributes["inner"] = 1
                return 2
            }
        }
        let span = telemetry.tracer.startSpan("span")
        span.attributes["outer"] = Reentrant(span: span)
        span.end()
        #expect(telemetry.finishedSpans.first?.attributes["outer"] == 2)
    }

    @Test(
        "values of the application stay in the context of a span, dropped or not", arguments: [true, false])
    func applicationValues(sampled: Bool) {
        let telemetry = TestTelemetry(sampler: sampled ? AlwaysOnSampler() : AlwaysOffSampler())
        var context = ServiceContext.topLevel
        context[ApplicationKey.self] = "value"
        telemetry.tracer.withSpan("span", context: context) { span in
            #expect(span.context[ApplicationKey.self] == "value")
            #expect(ServiceContext.current?[ApplicationKey.self] == "value")
            #expect(ServiceContext.current?.spanContext?.isSampled == sampled)
        }
    }

    @Test("the span of a context is found, one that was only extracted is not")
    func activeSpan() throws {
        let tracer = telemetry.provider.tracingTracer(propagator: Headers())
        let span = tracer.startSpan("span")
        #expect(tracer.activeSpan(identifiedBy: span.context)?.operationName == "span")
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1))
        #expect(tracer.activeSpan(identifiedBy: context) == nil)
        span.end()
    }

    @Test("the instrument side uses the propagator given")
    func propagation() {
        let telemetry = TestTelemetry(propagator: Headers())
        var context = ServiceContext.topLevel
        telemetry.tracer.extract(["span": "00000000000000ff"], into: &context, using: DictionaryHeaders())
        #expect(context.spanContext?.spanID == SpanID(value: 255))
        var headers: [String: String] = [:]
        telemetry.tracer.inject(context, into: &headers, using: DictionaryHeaders())
        #expect(headers == ["span": "00000000000000ff"])
    }

    @Test("the memory that raw pointers assume is the memory there is")
    func layout() {
        #expect(MemoryLayout<SpanAttributes>.size == MemoryLayout<UInt>.size)
        #expect(MemoryLayout<ServiceContext>.size == MemoryLayout<UInt64>.size)
        #expect(MemoryLayout<ContrailTracer>.size == MemoryLayout<UInt>.size)
        #expect(MemoryLayout<ContrailSpan>.size == MemoryLayout<UInt>.size)
    }
}

private struct DictionaryHeaders: Extractor, Injector {
    func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
        carrier[key] = value
    }
}

private struct Headers: TextMapPropagator {
    var fields: [String] { ["span"] }

    func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        if let span = context.spanContext { injector.inject(span.spanID.hex, forKey: "span", into: &carrier) }
    }

    func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: "span", from: carrier), let id = SpanID(hex: text) else {
            return
        }
        context.spanContext = SpanContext(traceID: TraceID(high: 1, low: 1), spanID: id, isRemote: true)
    }
}

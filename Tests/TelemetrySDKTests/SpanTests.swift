// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Spans through TelemetryAPI")
struct SpanTests {
    let telemetry = TestTelemetry(idGenerator: FixedIDs())
    let scope = TelemetryScope(
        "com.example.items", version: "1.4.0", schemaURL: "https://example.com/schema",
        attributes: ["team": "a"])
    var tracer: TelemetryTracer { telemetry.provider.tracer(scope) }

    func finish(_ body: (TelemetrySpan) -> Void) throws -> SpanData {
        let span = tracer.startSpan("span")
        body(span)
        span.end()
        return try #require(telemetry.finishedSpans.last)
    }

    @Test("everything set arrives")
    func everything() throws {
        let link = SpanContext(
            traceID: TraceID(high: 9, low: 8), spanID: SpanID(value: 7), traceFlags: .sampled,
            traceState: TraceState(headerValue: "x=y") ?? TraceState(), isRemote: true)
        let span = tracer.startSpan(
            "first", kind: .server, attributes: ["at.start": 1],
            links: [TelemetryLink(link, attributes: ["l": true])],
            startTime: 1000)
        span["string"] = "text"
        span["int"] = 42
        span["double"] = 1.5
        span["bool"] = true
        span.setAttribute("map", ["a": [1, "b", .bytes([1, 2]), .empty]])
        span.addEvent("event", ["size": 3], at: 1500)
        span.addLink(to: link)
        span.setStatus(.error, "went wrong")
        span.updateName("second")
        span.end(at: 2000)
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.name == "second")
        #expect(data.kind == .server)
        #expect(data.traceID == TraceID(high: 0, low: 1))
        #expect(data.spanID == SpanID(value: 1))
        #expect(data.parentSpanID == nil)
        #expect(data.startTimeUnixNano == 1000)
        #expect(data.endTimeUnixNano == 2000)
        #expect(data.status == SpanStatus(code: .error, message: "went wrong"))
        #expect(data.attributes["at.start"] == 1)
        #expect(data.attributes["string"] == "text")
        #expect(data.attributes["int"] == 42)
        #expect(data.attributes["double"] == 1.5)
        #expect(data.attributes["bool"] == true)
        #expect(data.attributes["map"] == ["a": [1, "b", .bytes([1, 2]), .empty]])
        #expect(data.events == [SpanEvent(timeUnixNano: 1500, name: "event", attributes: ["size": 3])])
        #expect(data.links.count == 2)
        #expect(data.links.first?.attributes["l"] == true)
        #expect(data.links.first?.traceState == "x=y")
        #expect(data.links.first?.flags == 0x301)
        #expect(data.flags == 0x101)
    }

    @Test("scope and resource reach the exporter whole")
    func scopeAndResource() throws {
        tracer.startSpan("span").end()
        let spans = try #require(telemetry.exporter.resourceSpans.first)
        #expect(spans.resource.serviceName == "test")
        #expect(spans.scopeSpans.first?.scope == scope.instrumentationScope)
    }

    @Test("setting a key again overwrites it, wherever it stands")
    func overwrite() throws {
        let data = try finish { span in
            for key in ["a", "b", "c", "d"] { span.setAttribute(key, "first value of \(key)") }
            span["b"] = 7
            span["a"] = true
            span["d"] = "a much longer value than the one that was there before"
        }
        #expect(data.attributes.count == 4)
        #expect(data.attributes["a"] == true)
        #expect(data.attributes["b"] == 7)
        #expect(data.attributes["c"] == "first value of c")
        #expect(data.attributes["d"] == "a much longer value than the one that was there before")
    }

    @Test("keys that differ only in the middle do not overwrite each other")
    func similarKeys() throws {
        let keys = (0..<100).map { "key.\($0 % 10)x\($0 / 10).same.middle.\($0 % 10)\($0 / 10).end" }
        let data = try finish { span in
            for (index, key) in keys.enumerated() { span.setAttribute(key, index) }
        }
        #expect(data.attributes.count == 100)
        for (index, key) in keys.enumerated() { #expect(data.attributes[key] == .int(Int64(index))) }
    }

    @Test("an empty key is ignored, an empty value is kept")
    func emptyKeysAndValues() throws {
        let data = try finish { span in
            span.setAttribute("", "value")
            span.setAttribute("string", "")
            span.setAttribute("array", .array([]))
            span.setAttribute("nothing", .empty)
        }
        #expect(data.attributes == ["string": "", "array": [], "nothing": .empty])
    }

    @Test("a span larger than its first memory keeps everything")
    func spill() throws {
        let data = try finish { span in
            for index in 0..<100 {
                span.setAttribute("key.\(index)", String(repeating: "é", count: index * 7))
            }
            for index in 0..<50 { span.addEvent("event \(index)", ["index": .int(Int64(index))]) }
            span.setAttribute("key.50", 50)
        }
        #expect(data.attributes.count == 100)
        #expect(data.attributes["key.99"] == .string(String(repeating: "é", count: 693)))
        #expect(data.attributes["key.50"] == 50)
        #expect(data.events.map(\.name) == (0..<50).map { "event \($0)" })
    }

    @Test("after the end nothing changes, and a second end is ignored")
    func afterEnd() throws {
        let span = tracer.startSpan("span")
        span["before"] = 1
        span.end(at: 5)
        #expect(!span.isRecording)
        span["after"] = 1
        span.addEvent("after")
        span.addLink(to: span.context)
        span.setStatus(.ok)
        span.updateName("after")
        span.end(at: 6)
        #expect(telemetry.finishedSpans.count == 1)
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes == ["before": 1])
        #expect(data.events.isEmpty && data.links.isEmpty)
        #expect(data.status.code == .unset)
        #expect(data.name == "span")
        #expect(data.endTimeUnixNano == 5)
    }

    @Test(
        "ok wins over error, error over unset, and only an error keeps its message",
        arguments: [
            ([(.error, "a"), (.error, "b")], SpanStatus(code: .error, message: "b")),
            ([(.ok, "text"), (.error, "b")], SpanStatus(code: .ok)),
            ([(.error, "a"), (.ok, "")], SpanStatus(code: .ok)),
            ([(.error, "a"), (.unset, "")], SpanStatus(code: .error, message: "a")),
            ([(.unset, "a")], SpanStatus()),
        ] as [([(SpanStatus.Code, String)], SpanStatus)])
    func status(calls: [(SpanStatus.Code, String)], expected: SpanStatus) throws {
        let data = try finish { span in for (code, message) in calls { span.setStatus(code, message) } }
        #expect(data.status == expected)
    }

    @Test("an error that leaves withSpan is recorded and sets the status")
    func thrownError() throws {
        struct Broken: Error, CustomStringConvertible { let description = "it broke" }
        #expect(throws: Broken.self) { try tracer.withSpan("span") { _ in throw Broken() } }
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.status == SpanStatus(code: .error, message: "it broke"))
        let event = try #require(data.events.first)
        #expect(event.name == "exception")
        #expect(event.attributes["exception.message"] == "it broke")
        guard case .string(let type) = event.attributes["exception.type"] else {
            Issue.record("no exception.type")
            return
        }
        #expect(type.hasSuffix("Broken"))
    }

    @Test("attributes given with an error win over those made from it")
    func errorAttributes() throws {
        struct Broken: Error {}
        let data = try finish {
            $0.recordError(Broken(), attributes: ["exception.message": "mine", "more": 1])
        }
        #expect(data.events.first?.attributes["exception.message"] == "mine")
        #expect(data.events.first?.attributes["more"] == 1)
        #expect(data.status.code == .unset)
    }

    @Test("an error that knows its stack trace gives it")
    func stackTrace() throws {
        struct Broken: StackTraceProviding { let stackTrace: String? }
        let data = try finish { span in
            span.recordError(Broken(stackTrace: "main.swift:1"))
            span.recordError(Broken(stackTrace: nil))
        }
        #expect(data.events.first?.attributes["exception.stacktrace"] == "main.swift:1")
        #expect(data.events.last?.attributes["exception.stacktrace"] == nil)
        #expect(data.events.last?.attributes.count == 2)
    }

    @Test("an error is not asked for its text when nobody takes it")
    func errorNotAsked() {
        final class Asked: Error, CustomStringConvertible, Sendable {
            let count = Mutex(0)
            var description: String {
                count.withLock { $0 += 1 }
                return "text"
            }
        }
        let error = Asked()
        let span = tracer.startSpan("span")
        span.recordError(error)
        #expect(error.count.withLock { $0 } == 1)
        span.end()
        span.recordError(error)
        TestTelemetry(sampler: AlwaysOffSampler()).provider.tracer(scope).startSpan("dropped").recordError(
            error)
        #expect(error.count.withLock { $0 } == 1)
    }

    @Test("spans nest by the current context, over async calls too")
    func nesting() async throws {
        await tracer.withSpan("outer") { outer in
            await Task.yield()
            tracer.withSpan("inner") { inner in
                #expect(inner.context.traceID == outer.context.traceID)
                #expect(ServiceContext.current?.spanContext == inner.context)
            }
            #expect(ServiceContext.current?.spanContext == outer.context)
        }
        let inner = try #require(telemetry.finishedSpan("inner"))
        let outer = try #require(telemetry.finishedSpan("outer"))
        #expect(inner.parentSpanID == outer.spanID)
        #expect(inner.flags == 0x101)
    }

    @Test("a root that was asked for has no parent even inside a span")
    func explicitRoot() {
        tracer.withSpan("outer") { outer in
            let root = tracer.startSpan("root", isRoot: true)
            #expect(root.context.traceID != outer.context.traceID)
            root.end()
        }
        #expect(telemetry.finishedSpan("root")?.parentSpanID == nil)
    }

    @Test("a span that has ended still works as a parent")
    func endedParent() {
        let parent = tracer.startSpan("parent")
        parent.end()
        var context = ServiceContext.topLevel
        context.span = parent
        tracer.startSpan("child", context: context).end()
        #expect(telemetry.finishedSpan("child")?.parentSpanID == parent.context.spanID)
    }

    @Test("a child of a remote parent has the remote bit, its parent's trace state and random flag")
    func remoteParent() throws {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 5, low: 6), spanID: SpanID(value: 7), traceFlags: [.sampled, .random],
            traceState: TraceState(headerValue: "a=1,b=2") ?? TraceState(), isRemote: true)
        let span = tracer.startSpan("child", context: context)
        #expect(!span.context.isRemote)
        #expect(span.context.traceState.headerValue == "a=1,b=2")
        span.end()
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.flags == 0x303)
        #expect(data.parentSpanID == SpanID(value: 7))
        #expect(data.traceID == TraceID(high: 5, low: 6))
        #expect(data.traceState == "a=1,b=2")
    }

    @Test("random ids set the random flag and are never invalid or the same")
    func randomIDs() {
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(scope)
        var seen: Set<SpanID> = []
        for _ in 0..<1000 {
            let span = tracer.startSpan("span")
            #expect(span.context.isValid)
            #expect(span.context.traceFlags == [.sampled, .random])
            #expect(seen.insert(span.context.spanID).inserted)
            span.end()
        }
    }

    @Test("links without ids are kept only with attributes or trace state")
    func linksWithoutIDs() throws {
        let state = SpanContext(
            traceID: .invalid, spanID: .invalid, traceState: TraceState(headerValue: "a=1") ?? TraceState())
        let data = try finish { span in
            span.addLink(to: .invalid)
            span.addLink(to: .invalid, attributes: ["a": 1])
            span.addLink(to: state)
        }
        #expect(data.links.count == 2)
        #expect(data.droppedLinksCount == 0)
    }
}

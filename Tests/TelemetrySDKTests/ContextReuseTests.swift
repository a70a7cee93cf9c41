// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
@_spi(TelemetrySDK) import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// Threads use contexts again; nobody may ever see that.
@Suite("Contexts that are used again")
struct ContextReuseTests {
    let telemetry = TestTelemetry()
    var tracer: TelemetryTracer { telemetry.provider.tracer(TelemetryScope("test")) }

    private enum TenantKey: ServiceContextKey { typealias Value = String }

    @Test("a context that somebody has kept holds its span for ever, whichever API made it")
    func kept() throws {
        var kept: [(ServiceContext, SpanContext)] = []
        for round in 0..<30 {
            try tracer.withSpan("outer") { outer in
                kept.append((try #require(ServiceContext.current), outer.context))
                try telemetry.tracer.withSpan("inner \(round)") { inner in
                    kept.append((inner.context, try #require(ServiceContext.current?.spanContext)))
                }
                kept.append((try #require(ServiceContext.current), outer.context))
            }
        }
        for (context, span) in kept { #expect(context.spanContext == span) }
        #expect(Set(kept.map(\.1.spanID)).count == 60)
    }

    @Test("a context made from a span's keeps its span when the span's own is used again")
    func derived() throws {
        var kept: [(ServiceContext, SpanContext)] = []
        for _ in 0..<20 {
            try tracer.withSpan("outer") { span in
                var derived = try #require(ServiceContext.current)
                derived[TenantKey.self] = "blue"
                kept.append((derived, span.context))
                derived[TenantKey.self] = nil
                kept.append((derived, span.context))
            }
        }
        for (context, span) in kept { #expect(context.spanContext == span) }
    }

    @Test("what a walk over a context has found does not change")
    func walked() throws {
        var found: [any Sendable] = []
        for _ in 0..<20 {
            try tracer.withSpan("outer") { span in
                try #require(ServiceContext.current).forEach { _, value in found.append(value) }
            }
        }
        #expect(Set(found.map { ObjectIdentifier($0 as AnyObject) }).count == 20)
    }

    @Test("spans nested deeper than contexts are kept find their parents")
    func deep() {
        func nest(_ depth: Int, _ parent: SpanContext?) {
            guard depth < 40 else { return }
            if depth % 2 == 0 {
                tracer.withSpan("\(depth)") { span in
                    #expect(ServiceContext.current?.spanContext == span.context)
                    nest(depth + 1, span.context)
                    #expect(ServiceContext.current?.spanContext == span.context)
                }
            } else {
                telemetry.tracer.withSpan("\(depth)") { span in
                    nest(depth + 1, span.context.spanContext)
                    #expect(ServiceContext.current?.spanContext == span.context.spanContext)
                }
            }
        }
        nest(0, nil)
        let spans = telemetry.finishedSpans.sorted { (Int($0.name) ?? 0) < (Int($1.name) ?? 0) }
        #expect(spans.count == 40)
        for (parent, child) in zip(spans, spans.dropFirst()) { #expect(child.parentSpanID == parent.spanID) }
    }

    @Test("what a program puts into a context stays there, below all spans and after them")
    func values() {
        var context = ServiceContext.topLevel
        context[TenantKey.self] = "blue"
        for _ in 0..<3 {
            tracer.withSpan("without") { _ in #expect(ServiceContext.current?[TenantKey.self] == nil) }
            tracer.withSpan("outer", context: context) { _ in
                telemetry.tracer.withSpan("inner") { span in
                    #expect(ServiceContext.current?[TenantKey.self] == "blue")
                    #expect(span.context[TenantKey.self] == "blue")
                }
            }
            tracer.withSpan("without") { _ in
                var changed = ServiceContext.current ?? .topLevel
                changed[TenantKey.self] = "green"
                ServiceContext.withValue(changed) {
                    tracer.withSpan("within") { _ in
                        #expect(ServiceContext.current?[TenantKey.self] == "green")
                    }
                }
                #expect(ServiceContext.current?[TenantKey.self] == nil)
            }
        }
    }

    @Test("a context set to another, or to none, within a span is obeyed")
    func replaced() {
        tracer.withSpan("outer") { outer in
            ServiceContext.withValue(nil) { tracer.startSpan("orphan").end() }
            ServiceContext.withValue(.topLevel) { tracer.withSpan("top") { _ in } }
            tracer.startSpan("child").end()
            #expect(ServiceContext.current?.spanContext == outer.context)
        }
        let outer = telemetry.finishedSpan("outer")
        #expect(telemetry.finishedSpan("orphan")?.parentSpanID == nil)
        #expect(telemetry.finishedSpan("top")?.parentSpanID == nil)
        #expect(telemetry.finishedSpan("child")?.parentSpanID == outer?.spanID)
    }

    @Test("tasks that outlive a span keep it as their parent, while the thread goes on")
    func tasks() async {
        await withTaskGroup(of: (SpanID?, SpanID).self) { group in
            for _ in 0..<50 {
                tracer.withSpan("outer") { outer in
                    group.addTask {
                        await Task.yield()
                        return (ServiceContext.current?.spanContext?.spanID, outer.context.spanID)
                    }
                }
            }
            for await (found, wanted) in group { #expect(found == wanted) }
        }
    }

    @Test("a span that is suspended within its body finds its context on whatever thread goes on")
    func suspended() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { [tracer, telemetry] in
                    await tracer.withSpan("outer") { outer in
                        await Task.yield()
                        #expect(ServiceContext.current?.spanContext == outer.context)
                        await telemetry.tracer.withSpan("inner") { inner in
                            await Task.yield()
                            #expect(ServiceContext.current?.spanContext == inner.context.spanContext)
                        }
                        await Task.yield()
                        #expect(ServiceContext.current?.spanContext == outer.context)
                    }
                }
            }
        }
    }

    @Test("a span that is never ended, and one ended twice, spoil nothing")
    func careless() {
        for _ in 0..<20 {
            let lost = telemetry.tracer.startSpan("lost")
            ServiceContext.withValue(lost.context) {
                #expect(ServiceContext.current?.spanContext == lost.context.spanContext)
            }
            tracer.withSpan("outer") { outer in
                let inner = telemetry.tracer.startSpan("inner")
                let context = inner.context
                inner.end()
                inner.end()
                tracer.withSpan("next") { _ in }
                #expect(context.spanContext?.spanID == inner.context.spanContext?.spanID)
                #expect(ServiceContext.current?.spanContext == outer.context)
            }
        }
        #expect(Set(telemetry.finishedSpans.filter { $0.name == "inner" }.map(\.parentSpanID)).count == 20)
    }
}

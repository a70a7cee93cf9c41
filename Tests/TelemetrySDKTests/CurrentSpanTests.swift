// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@Suite("The current span")
struct CurrentSpanTests {
    let telemetry = TestTelemetry()
    var tracer: TelemetryTracer { telemetry.provider.tracer(TelemetryScope("test")) }

    @Test("the current span is found in the current context, and can be written to there")
    func get() throws {
        #expect(ServiceContext.current?.span == nil)
        tracer.withSpan("span") { _ in ServiceContext.current?.span?.setAttribute("found", true) }
        telemetry.tracer.withSpan("bridged") { _ in ServiceContext.current?.span?.setAttribute("found", true)
        }
        #expect(telemetry.finishedSpans.map(\.attributes) == [["found": true], ["found": true]])
    }

    @Test("a span that is set in a context is the parent of what starts there, and nowhere else")
    func set() {
        let span = tracer.startSpan("parent")
        var context = ServiceContext.topLevel
        context.span = span
        ServiceContext.withValue(context) { tracer.startSpan("inside").end() }
        tracer.startSpan("outside").end()
        context.span = nil
        #expect(context.spanContext == nil)
        #expect(telemetry.finishedSpan("inside")?.parentSpanID == span.context.spanID)
        #expect(telemetry.finishedSpan("outside")?.parentSpanID == nil)
    }

    @Test("starting a span makes it current nowhere")
    func startSetsNothing() {
        let span = tracer.startSpan("span")
        let bridged = telemetry.tracer.startSpan("bridged")
        #expect(ServiceContext.current?.span == nil)
        bridged.end()
        span.end()
    }

    @Test("the end of a span does not change which one is current")
    func endChangesNothing() {
        tracer.withSpan("outer") { outer in
            outer.end()
            #expect(ServiceContext.current?.spanContext == outer.context)
        }
    }

    @Test("without a context the parent is the current span; with one it is that context's; a root has none")
    func parents() throws {
        let other = tracer.startSpan("other")
        var context = ServiceContext.topLevel
        context.span = other
        tracer.withSpan("current") { _ in
            tracer.startSpan("default").end()
            tracer.startSpan("explicit", context: context).end()
            tracer.startSpan("none", context: .topLevel).end()
            tracer.startSpan("root", context: context, isRoot: true).end()
        }
        #expect(telemetry.finishedSpan("default")?.parentSpanID == telemetry.finishedSpan("current")?.spanID)
        #expect(telemetry.finishedSpan("explicit")?.parentSpanID == other.context.spanID)
        #expect(telemetry.finishedSpan("none")?.parentSpanID == nil)
        let root = try #require(telemetry.finishedSpan("root"))
        #expect(root.parentSpanID == nil && root.traceID != other.context.traceID)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import Testing

@Suite("TelemetryAPI without an SDK")
struct WithoutSDKTests {
    let telemetry = TelemetryScope("com.example.library", version: "1.0")

    static let incoming = SpanContext(
        traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), traceFlags: .sampled,
        traceState: TraceState(headerValue: "vendor=value") ?? TraceState(), isRemote: true)

    @Test("a span without parent records nothing and has no ids")
    func rootIsInvalid() {
        let span = telemetry.tracer.startSpan("nothing")
        #expect(!span.isRecording)
        #expect(!span.context.isValid)
        span["key"] = "value"
        span.addEvent("event")
        span.setStatus(.error, "message")
        span.end()
        #expect(span["key"] as String? == nil)
        #expect(!telemetry.tracer.isEnabled)
    }

    @Test("a span passes its parent's context on unchanged")
    func contextPassesThrough() {
        var context = ServiceContext.topLevel
        context.spanContext = Self.incoming
        let span = telemetry.tracer.startSpan("child", context: context)
        #expect(span.context == Self.incoming)
    }

    @Test("withSpan leaves the incoming context current, at any depth")
    func contextStaysCurrent() {
        var context = ServiceContext.topLevel
        context.spanContext = Self.incoming
        ServiceContext.withValue(context) {
            telemetry.tracer.withSpan("outer") { _ in
                telemetry.tracer.withSpan("inner") { _ in
                    #expect(ServiceContext.current?.spanContext == Self.incoming)
                }
            }
        }
    }

    @Test("withSpan throws what its body throws")
    func errorsPass() async {
        struct Failure: Error {}
        #expect(throws: Failure.self) { try telemetry.tracer.withSpan("fails") { _ in throw Failure() } }
        await #expect(throws: Failure.self) {
            try await telemetry.tracer.withSpan("fails") { _ async throws in
                await Task.yield()
                throw Failure()
            }
        }
    }

    @Test("a context without a span has no span context, and loses it when nil is set")
    func setAndUnset() {
        var context = ServiceContext.topLevel
        #expect(context.spanContext == nil)
        #expect(context.span == nil)
        context.spanContext = Self.incoming
        #expect(context.spanContext == Self.incoming)
        context.spanContext = nil
        #expect(context.isEmpty)
    }

    @Test("equal scopes give the same tracer")
    func tracersAreShared() {
        let other = TelemetryScope("com.example.library", version: "1.0")
        #expect(other.instrumentationScope == telemetry.instrumentationScope)
        #expect(!other.tracer.isEnabled)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// Each is a fault that was seen in another Swift SDK.
@Suite("Not-sampled spans still carry their context")
struct NotSampledTests {
    let scope = TelemetryScope("test")

    @Test("no child of a dropped root is recorded as a new root")
    func childrenStayDropped() {
        let telemetry = TestTelemetry(
            sampler: ParentBasedSampler(root: TraceIDRatioBasedSampler(ratio: 0.5)))
        let tracer = telemetry.provider.tracer(scope)
        for _ in 0..<2000 {
            telemetry.tracer.withSpan("root") { _ in
                tracer.withSpan("child") { _ in
                    telemetry.tracer.withSpan("grandchild") { _ in }
                }
            }
        }
        let traces = Dictionary(grouping: telemetry.finishedSpans, by: \.traceID)
        #expect(traces.values.allSatisfy { $0.count == 3 })
        #expect((700..<1300).contains(traces.count))
        #expect(telemetry.finishedSpans.filter { $0.parentSpanID == nil }.count == traces.count)
    }

    @Test(
        "the child of an unsampled remote parent keeps trace id and trace state, with a new span id, unsampled"
    )
    func unsampledRemoteParent() {
        let telemetry = TestTelemetry()
        var context = ServiceContext.topLevel
        let parent = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3),
            traceState: TraceState(headerValue: "a=b") ?? TraceState(), isRemote: true)
        context.spanContext = parent
        let contexts = [
            telemetry.provider.tracer(scope).startSpan("child", context: context).context,
            telemetry.tracer.startSpan("child", context: context).context.spanContext,
        ]
        for child in contexts.compactMap({ $0 }) {
            #expect(child.traceID == parent.traceID)
            #expect(child.spanID != parent.spanID && child.spanID.isValid)
            #expect(child.traceState == parent.traceState)
            #expect(child.traceFlags == [])
            #expect(!child.isRemote)
        }
        #expect(contexts.count == 2)
    }

    @Test("a dropped root has ids of its own that outgoing headers can carry")
    func droppedRoot() {
        let telemetry = TestTelemetry(sampler: AlwaysOffSampler())
        let span = telemetry.provider.tracer(scope).startSpan("root")
        #expect(!span.isRecording)
        #expect(span.context.isValid)
        #expect(span.context.traceFlags == .random)
        #expect(telemetry.tracer.startSpan("root").context.spanContext?.isValid == true)
        span.end()
        #expect(telemetry.finishedSpans.isEmpty)
    }

    @Test("what is set on a dropped span does not reach its recorded parent")
    func nothingReachesTheParent() throws {
        let telemetry = TestTelemetry(
            sampler: ParentBasedSampler(localParentSampled: AlwaysOffSampler()))
        let tracer = telemetry.provider.tracer(scope)
        tracer.withSpan("recorded") { _ in
            tracer.withSpan("dropped") { span in
                span["key"] = "value"
                span.updateName("other")
                span.setStatus(.error)
            }
        }
        let data = try #require(telemetry.finishedSpans.first)
        #expect(telemetry.finishedSpans.count == 1)
        #expect(data.name == "recorded" && data.attributes.isEmpty && data.status.code == .unset)
    }

    @Test("a sampler sees everything and may change attributes and trace state")
    func samplerArguments() throws {
        struct Curious: Sampler {
            let description = "Curious"
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                let seen =
                    "\(request.name) \(request.kind) \(request.attributes.count) \(request.links.count) \(request.parent?.spanID.value ?? 0)"
                return SamplingResult(
                    request.name == "drop" ? .drop : .recordAndSample,
                    traceState: TraceState(headerValue: "seen=1") ?? TraceState(),
                    attributes: ["seen": .string(seen)])
            }
        }
        let telemetry = TestTelemetry(sampler: Curious())
        let tracer = telemetry.provider.tracer(scope)
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3),
            traceState: TraceState(headerValue: "a=b") ?? TraceState())
        let link = TelemetryLink(.invalid, attributes: ["l": 1])
        let span = tracer.startSpan(
            "keep", kind: .server, context: context, attributes: ["k": 1], links: [link])
        #expect(span.context.traceState.headerValue == "seen=1")
        span.end()
        let dropped = tracer.startSpan("drop", context: context)
        #expect(!dropped.isRecording)
        #expect(dropped.context.traceState.headerValue == "seen=1")
        #expect(dropped.context.traceID == TraceID(high: 1, low: 2))
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.attributes == ["k": 1, "seen": "keep server 1 1 3"])
        #expect(data.traceState == "seen=1")
    }

    @Test("a span that is only recorded reaches processors, but no exporter, and is not sampled for others")
    func recordOnly() {
        struct RecordOnly: Sampler {
            let description = "RecordOnly"
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                SamplingResult(.recordOnly, traceState: TraceState())
            }
        }
        let seen = RecordedCalls()
        let telemetry = TestTelemetry(sampler: RecordOnly(), processors: [seen])
        let span = telemetry.provider.tracer(scope).startSpan("span")
        #expect(span.isRecording)
        #expect(!span.context.isSampled)
        span.end()
        #expect(seen.calls == ["start span", "ending span", "end span"])
        #expect(telemetry.finishedSpans.isEmpty)
    }
}

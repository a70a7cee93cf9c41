// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import TelemetryAPI
import TelemetrySDK
import Testing

struct KeepWrites: Sampler {
    func shouldSample(_ request: SamplingRequest) -> SamplingResult {
        let isWrite = request.attributes["http.request.method"] != "GET"
        return SamplingResult(
            isWrite ? .recordAndSample : .drop, traceState: request.parent?.traceState ?? TraceState())
    }

    var description: String { "KeepWrites" }
}

@Suite("Article: How do I decide myself which spans are kept?")
struct WriteASamplerSnippets {
    /// Compiled only.
    private func inSettings(_ settings: inout TelemetrySettings) {
        settings.traces.sampler = .parentBased(root: .custom(KeepWrites()))
    }

    @Test("a composite sampler drops by rule, and keeps a share of the rest")
    func composite() {
        let sampler = CompositeSampler(
            ComposableParentThresholdSampler(
                root: ComposableRuleBasedSampler([
                    .init(SpanCondition(route: "/health"), ComposableAlwaysOffSampler()),
                    .init(SpanCondition(route: "/checkout"), ComposableAlwaysOnSampler()),
                    .init(.everything, ComposableProbabilitySampler(ratio: 0.1)),
                ])))
        let test = TestTelemetry(sampler: sampler)
        let tracer = test.provider.tracer(TelemetryScope("shop"))
        for name in ["GET /health", "GET /checkout"] { tracer.startSpan(name, kind: .server).end() }
        #expect(test.finishedSpans.map(\.name) == ["GET /checkout"])
    }

    @Test("of a read and a write the write is kept, with its child")
    func keeps() {
        let test = TestTelemetry(sampler: ParentBasedSampler(root: KeepWrites()))
        let tracer = test.provider.tracer(TelemetryScope("shop"))
        for method in ["GET", "POST"] {
            tracer.withSpan(method, attributes: ["http.request.method": .string(method)]) { _ in
                tracer.withSpan("\(method) work") { _ in }
            }
        }
        #expect(test.finishedSpans.map(\.name) == ["POST work", "POST"])
    }
}

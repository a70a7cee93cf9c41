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

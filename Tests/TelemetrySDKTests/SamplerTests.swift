// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Samplers")
struct SamplerTests {
    static func request(
        low: UInt64 = 1, parent: SpanContext? = nil
    ) -> SamplingRequest {
        SamplingRequest(parent: parent, traceID: TraceID(high: .max, low: low), name: "span")
    }

    static func parent(remote: Bool, sampled: Bool) -> SpanContext {
        SpanContext(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: 1), traceFlags: sampled ? .sampled : [],
            traceState: TraceState(headerValue: "a=b") ?? TraceState(), isRemote: remote)
    }

    @Test("always_on keeps, always_off drops, both pass the trace state on")
    func always() {
        let request = Self.request(parent: Self.parent(remote: true, sampled: false))
        #expect(AlwaysOnSampler().shouldSample(request).decision == .recordAndSample)
        #expect(AlwaysOffSampler().shouldSample(request).decision == .drop)
        #expect(AlwaysOnSampler().shouldSample(request).traceState["a"] == "b")
        #expect(AlwaysOffSampler().shouldSample(request).traceState["a"] == "b")
    }

    // Go 1.44: `binary.BigEndian.Uint64(p.TraceID[8:16]) >> 1 < uint64(fraction * (1 << 63))`.
    @Test(
        "the ratio decides as OpenTelemetry Go does, at the very bound",
        arguments: [
            (0.5, 0x7fff_ffff_ffff_ffff as UInt64, true), (0.5, 0x8000_0000_0000_0000, false),
            (0.25, 0x3fff_ffff_ffff_ffff, true), (0.25, 0x4000_0000_0000_0000, false),
            (0.0, 0, false), (1.0, .max, true), (0.1, 0x1999_9999_9999_97ff, true),
            (0.1, 0x1999_9999_9999_9fff, false), (1e-19, 0, false),
        ])
    func ratio(ratio: Double, low: UInt64, kept: Bool) {
        let decision = TraceIDRatioBasedSampler(ratio: ratio).shouldSample(Self.request(low: low)).decision
        #expect((decision == .recordAndSample) == kept)
    }

    @Test("a trace id is read big-endian: its last byte hardly matters, its ninth decides")
    func ratioEndianness() throws {
        let sampler = TraceIDRatioBasedSampler(ratio: 0.5)
        let low = try #require(TraceID(hex: "000000000000000000000000000000ff"))
        let high = try #require(TraceID(hex: "0000000000000000ff00000000000000"))
        #expect(sampler.shouldSample(SamplingRequest(traceID: low, name: "")).decision == .recordAndSample)
        #expect(sampler.shouldSample(SamplingRequest(traceID: high, name: "")).decision == .drop)
    }

    @Test("ratios out of range are taken as the nearer end")
    func ratioRange() {
        #expect(TraceIDRatioBasedSampler(ratio: 7).ratio == 1)
        #expect(TraceIDRatioBasedSampler(ratio: -1).ratio == 0)
        #expect(TraceIDRatioBasedSampler(ratio: .nan).ratio == 0)
    }

    @Test("what a lower ratio keeps a higher one keeps too")
    func ratiosNest() {
        let low = TraceIDRatioBasedSampler(ratio: 0.1)
        let high = TraceIDRatioBasedSampler(ratio: 0.3)
        for _ in 0..<10_000 {
            let request = Self.request(low: .random(in: 0 ... .max))
            if low.shouldSample(request).decision == .recordAndSample {
                #expect(high.shouldSample(request).decision == .recordAndSample)
            }
        }
    }

    @Test(
        "the ratio is described as a decimal number",
        arguments: [
            (0.0001, "TraceIdRatioBased{0.0001}"), (0.00001, "TraceIdRatioBased{0.00001}"),
            (1.5e-7, "TraceIdRatioBased{0.00000015}"), (1, "TraceIdRatioBased{1.0}"),
            (0.25, "TraceIdRatioBased{0.25}"),
        ])
    func ratioDescription(ratio: Double, text: String) {
        #expect(TraceIDRatioBasedSampler(ratio: ratio).description == text)
    }

    @Test("parent-based asks the slot of its parent")
    func parentBased() {
        struct Named: Sampler {
            let description: String
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                SamplingResult(
                    .recordOnly, traceState: TraceState(), attributes: ["slot": .string(description)])
            }
        }
        let sampler = ParentBasedSampler(
            root: Named(description: "root"), remoteParentSampled: Named(description: "rs"),
            remoteParentNotSampled: Named(description: "rn"), localParentSampled: Named(description: "ls"),
            localParentNotSampled: Named(description: "ln"))
        func slot(_ parent: SpanContext?) -> AttributeValue? {
            sampler.shouldSample(Self.request(parent: parent)).attributes["slot"]
        }
        #expect(slot(nil) == "root")
        #expect(slot(.invalid) == "root")
        #expect(slot(Self.parent(remote: true, sampled: true)) == "rs")
        #expect(slot(Self.parent(remote: true, sampled: false)) == "rn")
        #expect(slot(Self.parent(remote: false, sampled: true)) == "ls")
        #expect(slot(Self.parent(remote: false, sampled: false)) == "ln")
        #expect(
            sampler.description
                == "ParentBased{root:root,remoteParentSampled:rs,remoteParentNotSampled:rn,localParentSampled:ls,localParentNotSampled:ln}"
        )
    }

    @Test("names are those of the specification")
    func descriptions() {
        #expect(AlwaysOnSampler().description == "AlwaysOnSampler")
        #expect(AlwaysOffSampler().description == "AlwaysOffSampler")
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import Testing

@testable import TelemetrySDK

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

    // By the formula of Go 1.44: `binary.BigEndian.Uint64(p.TraceID[8:16]) >> 1 < uint64(fraction * (1 << 63))`.
    @Test(
        "whole trace ids are decided as OpenTelemetry Go decides them",
        arguments: [
            (0.5, "ab13dfae627655da3ceaaf31028591d5", true),
            (0.5, "6301bbfca0c5154e8944fe0d3bf66d36", false),
            (0.1, "7f7695f56fced11d008f50719bbd1aa2", true),
            (0.1, "5cbd0ba3a1a6bcde979c989f091d53c4", false),
            (0.01, "f0bbe9cf42f2dc050198203c992db1c5", true),
            (0.01, "78b7d0ac84773ce0b6cbb4c45803d62d", false),
            (0.3333333333333333, "ddcb369d2330fcf1243346bbd04e0c58", true),
            (0.3333333333333333, "f065a1c284cc4549b979aa611c2d4767", false),
            (0.9, "6fbaf662f6a730b79ad9b9a2bcf08a9b", true),
            (0.9, "8df08078a22ea180ed955b3198d1332f", false),
            (0.75, "7f006745f3194a3b952c466e8e742f2e", true),
            (0.75, "675a2e199b58ba8ddb24122fb5f47471", false),
            (0.001, "58294a90c1b87f1a000cfce41ed349a0", true),
            (0.001, "4c1e26038dabf68e302c109636336418", false),
            (0.0001, "43c48bc764ccdcf9000561f18522ee13", true),
            (0.0001, "bafe9bd120c5d15289c5c45b1929b081", false),
            (9.5367431640625e-07, "da8f3fe29280ba2e00000e6a6fa08f92", true),
            (9.5367431640625e-07, "b3fb95ee22432045527f6da6add898c0", false),
            (0.999, "5cdc78b9da6400c798daa4beeab25f13", true),
            (0.999, "04103017ead492d2ffed9be26c091600", false),
        ] as [(Double, String, Bool)])
    func goVectors(ratio: Double, hex: String, kept: Bool) throws {
        let id = try #require(TraceID(hex: hex))
        let sampler = TraceIDRatioBasedSampler(ratio: ratio)
        #expect(
            (sampler.shouldSample(SamplingRequest(traceID: id, name: "")).decision == .recordAndSample)
                == kept)
        // As the span path takes it apart.
        #expect(SamplerPlan(sampler).root.keeps(id) == kept)
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
                == "ParentBased{root:root,remoteParentSampled:rs,remoteParentNotSampled:rn,localParentSampled:ls,"
                + "localParentNotSampled:ln}"
        )
    }

    @Test("always_record shows processors what its sampler drops, and exports only what it keeps")
    func alwaysRecord() {
        let calls = RecordedCalls()
        let telemetry = TestTelemetry(
            sampler: AlwaysRecordSampler(root: ParentBasedSampler(root: AlwaysOffSampler())),
            processors: [calls])
        telemetry.provider.tracer(TelemetryScope("test")).withSpan("span") { span in
            #expect(span.isRecording)
            #expect(!span.context.isSampled)
        }
        #expect(calls.calls == ["start span", "ending span", "end span"])
        #expect(telemetry.finishedSpans.isEmpty)
    }

    @Test("always_record makes of each decision what the specification says")
    func alwaysRecordTable() {
        struct Fixed: Sampler {
            let decision: SamplingResult.Decision
            let description = "Fixed"
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                SamplingResult(decision, traceState: TraceState(), attributes: ["a": 1])
            }
        }
        func decide(_ decision: SamplingResult.Decision) -> SamplingResult {
            AlwaysRecordSampler(root: Fixed(decision: decision)).shouldSample(Self.request())
        }
        #expect(decide(.drop).decision == .recordOnly)
        #expect(decide(.recordOnly).decision == .recordOnly)
        #expect(decide(.recordAndSample).decision == .recordAndSample)
        #expect(decide(.drop).attributes["a"] == 1)
        #expect(
            AlwaysRecordSampler(root: AlwaysOffSampler()).description
                == "AlwaysRecordSampler{AlwaysOffSampler}")
    }

    @Test("a sampler gets the parent's whole context, attributes and links, and may change the trace state")
    func wholeRequest() throws {
        struct Key: ServiceContextKey { typealias Value = String }
        final class Asked: Sampler {
            let last = Mutex<SamplingRequest?>(nil)
            let description = "Asked"
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                last.withLock { $0 = request }
                let state = request.parent?.traceState ?? TraceState()
                return SamplingResult(
                    .recordAndSample, traceState: state.setting("mine", to: "1") ?? state,
                    attributes: ["by": "me"])
            }
        }
        let sampler = Asked()
        let telemetry = TestTelemetry(sampler: sampler)
        var context = ServiceContext.topLevel
        context[Key.self] = "tenant"
        let parent = Self.parent(remote: true, sampled: false)
        context.spanContext = parent
        let span = telemetry.provider.tracer(TelemetryScope("test")).startSpan(
            "span", kind: .consumer, context: context, attributes: ["a": 1],
            links: [TelemetryLink(parent, attributes: [:])])
        span.end()
        let request = try #require(sampler.last.withLock { $0 })
        #expect(request.parent == parent)
        #expect(request.parentContext[Key.self] == "tenant")
        #expect(request.traceID == parent.traceID)
        #expect(request.name == "span")
        #expect(request.kind == .consumer)
        #expect(request.attributes["a"] == 1)
        #expect(request.links.map(\.context) == [parent])
        let data = try #require(telemetry.finishedSpans.first)
        #expect(data.traceState == "mine=1,a=b")
        #expect(data.attributes["by"] == "me")
    }

    @Test("names are those of the specification")
    func descriptions() {
        #expect(AlwaysOnSampler().description == "AlwaysOnSampler")
        #expect(AlwaysOffSampler().description == "AlwaysOffSampler")
    }
}

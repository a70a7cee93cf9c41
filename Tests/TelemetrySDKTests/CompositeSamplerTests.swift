// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
import Testing

@testable import TelemetrySDK

@Suite("Composite sampler")
struct CompositeSamplerTests {
    /// A trace id whose randomness is `value`.
    static func id(_ value: UInt64) -> TraceID { TraceID(high: 1, low: 0xab << 56 | value) }

    static func parent(
        _ state: String = "", sampled: Bool, randomness: UInt64 = 0xff_ffff_ffff_ffff, remote: Bool = true
    ) -> SpanContext {
        SpanContext(
            traceID: id(randomness), spanID: SpanID(value: 1),
            traceFlags: sampled ? [.sampled, .random] : .random,
            traceState: TraceState(headerValue: state) ?? TraceState(), isRemote: remote)
    }

    static func request(_ parent: SpanContext?, randomness: UInt64 = 0xff_ffff_ffff_ffff) -> SamplingRequest {
        SamplingRequest(parent: parent, traceID: parent?.traceID ?? id(randomness), name: "span")
    }

    func decide(
        _ sampler: any ComposableSampler, _ parent: SpanContext? = nil,
        randomness: UInt64 = 0xff_ffff_ffff_ffff
    ) -> (Bool, String) {
        let result = CompositeSampler(sampler).shouldSample(Self.request(parent, randomness: randomness))
        return (result.decision == .recordAndSample, result.traceState.headerValue)
    }

    @Test("always on keeps with threshold 0, always off drops and takes the threshold away")
    func always() {
        #expect(decide(ComposableAlwaysOnSampler()) == (true, "ot=th:0"))
        let parent = Self.parent("ot=th:8,z=1", sampled: true)
        #expect(decide(ComposableAlwaysOffSampler(), parent) == (false, "z=1"))
        #expect(decide(ComposableAlwaysOnSampler(), parent) == (true, "ot=th:0,z=1"))
    }

    @Test("probability compares the last seven bytes of the trace id with its threshold")
    func probability() {
        let sampler = ComposableProbabilitySampler(ratio: 0.25)
        #expect(decide(sampler, randomness: 0xc0_0000_0000_0000) == (true, "ot=th:c"))
        #expect(decide(sampler, randomness: 0xbf_ffff_ffff_ffff) == (false, ""))
        #expect(decide(ComposableProbabilitySampler(ratio: 0)) == (false, ""))
        #expect(decide(ComposableProbabilitySampler(ratio: 7), randomness: 0) == (true, "ot=th:0"))
        #expect(ComposableProbabilitySampler(ratio: .nan).ratio == 0)
    }

    @Test("an explicit randomness value wins over the trace id, and is handed on with all else")
    func explicitRandomness() {
        let sampler = ComposableProbabilitySampler(ratio: 0.25)
        let high = Self.parent("ot=p:8;rv:c0000000000000,z=1", sampled: false, randomness: 0)
        #expect(decide(sampler, high) == (true, "ot=th:c;rv:c0000000000000;p:8,z=1"))
        let low = Self.parent("ot=rv:bfffffffffffff", sampled: false)
        #expect(decide(sampler, low) == (false, "ot=rv:bfffffffffffff"))
    }

    @Test("a trace state given to a root is heard")
    func initialTraceState() {
        var context = ServiceContext.topLevel
        context.spanContext = SpanContext(
            traceID: .invalid, spanID: .invalid,
            traceState: TraceState(headerValue: "ot=rv:00000000000000") ?? TraceState())
        let request = SamplingRequest(
            parentContext: context, traceID: Self.id(0xff_ffff_ffff_ffff), name: "span")
        let result = ProbabilitySampler(ratio: 0.5).shouldSample(request)
        #expect(result.decision == .drop)
        #expect(result.traceState.headerValue == "ot=rv:00000000000000")
    }

    @Test(
        "parent threshold follows the parent, and hands on only a threshold that agrees with the sampled flag",
        arguments: [
            ("ot=th:8", true, 0x80_0000_0000_0000, true, "ot=th:8"),
            // The flag says kept, the threshold says dropped.
            ("ot=th:8", true, 0x7f_ffff_ffff_ffff, true, ""),
            ("ot=th:8", false, 0x80_0000_0000_0000, false, ""),
            ("ot=th:8", false, 0x7f_ffff_ffff_ffff, false, ""),
            ("", true, 0, true, ""), ("", false, 0, false, ""),
            ("ot=rv:80000000000000;th:8", true, 0, true, "ot=rv:80000000000000;th:8"),
            ("z=1", true, 0, true, "z=1"),
        ] as [(String, Bool, UInt64, Bool, String)])
    func parentThreshold(state: String, sampled: Bool, randomness: UInt64, kept: Bool, written: String) {
        let sampler = ComposableParentThresholdSampler(root: ComposableAlwaysOffSampler())
        let parent = Self.parent(state, sampled: sampled, randomness: randomness)
        let (isKept, text) = decide(sampler, parent)
        #expect(isKept == kept)
        #expect(text.sortedMembers == written.sortedMembers)
    }

    @Test("parent threshold asks its root for spans without parent")
    func parentThresholdRoot() {
        #expect(
            decide(ComposableParentThresholdSampler(root: ComposableProbabilitySampler(ratio: 0.5)))
                == (true, "ot=th:8"))
    }

    @Test("the first rule that fits decides, and a span that fits none is dropped")
    func rules() {
        let sampler = ComposableRuleBasedSampler([
            .init(SpanCondition(name: "health"), ComposableAlwaysOffSampler()),
            .init(SpanCondition(name: "check*"), ComposableAlwaysOnSampler()),
            .init(SpanCondition(name: "checkout"), ComposableAlwaysOffSampler()),
        ])
        func keeps(_ name: String) -> Bool {
            var request = Self.request(nil)
            request.name = name
            return CompositeSampler(sampler).shouldSample(request).decision == .recordAndSample
        }
        #expect(!keeps("health"))
        #expect(keeps("checkout"))
        #expect(!keeps("other"))
    }

    @Test("annotating adds attributes to spans that are kept, and its delegate's own win")
    func annotating() {
        let inner = ComposableAnnotatingSampler(
            ComposableProbabilitySampler(ratio: 0.5), attributes: ["a": "inner", "b": 1])
        let sampler = CompositeSampler(
            ComposableAnnotatingSampler(inner, attributes: ["a": "outer", "c": 2]))
        let kept = sampler.shouldSample(Self.request(nil))
        #expect(kept.attributes["a"] == "inner")
        #expect(kept.attributes["b"] == 1)
        #expect(kept.attributes["c"] == 2)
        #expect(sampler.shouldSample(Self.request(nil, randomness: 0)).attributes.isEmpty)
    }

    @Test("a sampler of one's own may change the trace state, but not the member ot")
    func ownTraceState() {
        struct Own: ComposableSampler {
            let description = "Own"
            func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent {
                SamplingIntent(
                    threshold: .always, adjustedCountIsReliable: true,
                    traceState: { state, decision in
                        let own = state.setting("own", to: decision == .drop ? "0" : "1") ?? state
                        return own.setting("ot", to: "rv:00000000000000;th:c") ?? own
                    })
            }
        }
        let (kept, state) = decide(Own(), Self.parent("ot=rv:11111111111111", sampled: true))
        #expect(kept)
        #expect(state.contains("own=1"))
        #expect(state.contains("ot=th:0;rv:11111111111111"))
    }

    @Test("a threshold that does not count draws its own randomness and is not written")
    func unreliable() {
        struct Half: ComposableSampler {
            let description = "Half"
            func samplingIntent(_ request: SamplingIntentRequest) -> SamplingIntent {
                SamplingIntent(threshold: SamplingThreshold(hex: "8"), adjustedCountIsReliable: false)
            }
        }
        let results = (0..<1_000).map { _ in decide(Half()) }
        #expect(results.allSatisfy { $0.1 == "" })
        #expect((350...650).contains(results.count { $0.0 }))
    }

    @Test("a root whose id is not random gets a randomness value when asked for, others do not")
    func addsRandomness() throws {
        let sampler = CompositeSampler(ComposableAlwaysOnSampler(), addsRandomness: true)
        var request = Self.request(nil)
        request.traceFlags = []
        let state = try #require(sampler.shouldSample(request).traceState["ot"])
        #expect(state.hasPrefix("th:0;rv:"))
        #expect(state.utf8.count == "th:0;rv:".utf8.count + 14)
        #expect(sampler.shouldSample(Self.request(nil)).traceState["ot"] == "th:0")
        let plain = CompositeSampler(ComposableAlwaysOnSampler()).shouldSample(request)
        #expect(plain.traceState["ot"] == "th:0")
        // Never overwritten.
        let parent = Self.parent("ot=rv:11111111111111", sampled: true)
        #expect(sampler.shouldSample(Self.request(parent)).traceState["ot"] == "th:0;rv:11111111111111")
    }

    @Test("the composite family: what a lower share keeps a higher one keeps, and the count comes out right")
    func consistency() {
        let low = ProbabilitySampler(ratio: 0.1)
        let high = ProbabilitySampler(ratio: 0.3)
        var adjustedCount = 0.0
        for _ in 0..<20_000 {
            let request = Self.request(nil, randomness: .random(in: 0...0xff_ffff_ffff_ffff))
            let result = low.shouldSample(request)
            guard result.decision == .recordAndSample else { continue }
            #expect(high.shouldSample(request).decision == .recordAndSample)
            adjustedCount += 1 / (OpenTelemetryTraceState(result.traceState).threshold?.ratio ?? 0)
        }
        #expect((17_000...23_000).contains(adjustedCount))
    }

    @Test("the ratio sampler writes the threshold that it decides by, when asked to")
    func ratioWritesThreshold() {
        let sampler = TraceIDRatioBasedSampler(ratio: 0.25, writesThreshold: true)
        let kept = sampler.shouldSample(Self.request(nil, randomness: 0xc0_0000_0000_0000))
        #expect(kept.decision == .recordAndSample)
        #expect(kept.traceState.headerValue == "ot=th:c")
        let dropped = sampler.shouldSample(Self.request(nil, randomness: 0xbf_ffff_ffff_ffff))
        #expect(dropped.decision == .drop)
        #expect(dropped.traceState.isEmpty)
        #expect(sampler.description == "TraceIdRatioBased{0.25}")
    }

    @Test(
        "the threshold reaches the exported span and the children's trace state, and parent-based hands it on"
    )
    func throughProvider() throws {
        for sampler in [
            ParentBasedSampler(root: ProbabilitySampler(ratio: 1)),
            ParentBasedSampler(root: TraceIDRatioBasedSampler(ratio: 1, writesThreshold: true)),
            CompositeSampler(ComposableParentThresholdSampler(root: ComposableAlwaysOnSampler())),
        ] as [any Sampler] {
            let telemetry = TestTelemetry(sampler: sampler)
            let tracer = telemetry.provider.tracer(TelemetryScope("test"))
            tracer.withSpan("root") { _ in tracer.withSpan("child") { _ in } }
            #expect(telemetry.finishedSpans.map(\.traceState) == ["ot=th:0", "ot=th:0"])
        }
    }

    @Test("descriptions nest")
    func descriptions() {
        let sampler = CompositeSampler(
            ComposableParentThresholdSampler(
                root: ComposableRuleBasedSampler([
                    .init(SpanCondition(route: "/health"), ComposableAlwaysOffSampler()),
                    .init(
                        .everything,
                        ComposableAnnotatingSampler(
                            ComposableProbabilitySampler(ratio: 0.1), attributes: ["a": 1])),
                ])))
        #expect(
            sampler.description
                == "CompositeSampler{ComposableParentThreshold{root:ComposableRuleBased{"
                + "(route /health:ComposableAlwaysOff),(everything:ComposableAnnotating{"
                + "ComposableProbability{0.1},a=int(1)})}}}")
        #expect(ProbabilitySampler(ratio: 0.25).description == "ProbabilitySampler{0.25}")
    }
}

extension String {
    /// The members of a trace state, each with its own members in order.
    fileprivate var sortedMembers: [String] {
        split(separator: ",").map { member in
            let parts = member.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return String(member) }
            return "\(parts[0])=" + parts[1].split(separator: ";").sorted().joined(separator: ";")
        }
    }
}

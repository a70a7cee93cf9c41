// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import ServiceContextModule
import TelemetryAPI
import TelemetryModel
public import TelemetrySDK

/// The contract of `Sampler`, for a type of your own:
///
/// ```swift
/// try await SamplerContract.check { MySampler() }
/// ```
/// Source: OpenTelemetry specification 1.60, "Sampler".
public enum SamplerContract {
    private static let decisionCount = 10_000

    /// Checks every rule.
    ///
    /// - Parameters:
    ///   - isDeterministic: whether equal requests must get equal answers; false for samplers that count or roll
    ///   dice.
    ///   - mayDropTraceState: whether it is meant to take other vendors' members out of the trace state.
    ///   - decisionTimeMax: longest that 10,000 decisions may take together.
    ///   - make: a new sampler.
    /// - Throws: ``ContractViolations`` with all that was found; what `make` throws.
    public static func check(
        isDeterministic: Bool = true, mayDropTraceState: Bool = false,
        decisionTimeMax: Duration = .seconds(5),
        _ make: () async throws -> any Sampler
    ) async throws {
        var findings = ContractFindings()
        let sampler = try await make()
        findings.expect("the description says something", !sampler.description.isEmpty, found: "it is empty")
        for request in requests {
            let result = sampler.shouldSample(request)
            let again = sampler.shouldSample(request)
            findings.expect(
                "equal requests get equal answers", !isDeterministic || result == again,
                found: "\(request.what) gets \(result.decision), then \(again.decision)")
            findings.expect(
                "attributes have keys", !result.attributes.contains { $0.key.isEmpty },
                found: "\(request.what) gets one without")
            // "If the sampler returns an empty Tracestate here, the Tracestate will be cleared, so samplers SHOULD
            // normally return the passed-in Tracestate if they do not intend to change it."
            let kept = result.traceState.members.map(\.key).filter { $0 == "congo" || $0 == "rojo" }
            let expected = request.parent?.traceState.members.map(\.key) ?? []
            findings.expect(
                "other vendors' members of the trace state stay, in their order",
                mayDropTraceState || kept == expected,
                found:
                    "\"\(request.parent?.traceState.headerValue ?? "")\" becomes \"\(result.traceState.headerValue)\""
            )
        }
        let clock = ContinuousClock()
        let start = clock.now
        let finished: Void? = await outcome(within: decisionTimeMax * 4) {
            await withTaskGroup(of: Void.self) { group in
                for part in 0..<8 {
                    group.addTask {
                        for number in 0..<decisionCount / 8 {
                            _ = sampler.shouldSample(
                                SamplingRequest(
                                    traceID: TraceID(
                                        high: UInt64(part) + 1, low: UInt64(number) &* 0x9e37_79b9_7f4a_7c15),
                                    name: "span"))
                        }
                    }
                }
            }
        }
        let time = start.duration(to: clock.now)
        findings.expect(
            "decisions are quick, from many threads at once", finished != nil && time <= decisionTimeMax,
            found: "\(decisionCount) of them take \(time)")
        try findings.check(sampler)
    }

    /// Every kind of parent, and odd values.
    private static var requests: [SamplingRequest] {
        let trace = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)
        let state = TraceState(headerValue: "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7") ?? TraceState()
        var parents: [SpanContext?] = [nil]
        for flags in [TraceFlags(), .sampled, [.sampled, .random]] {
            for isRemote in [true, false] {
                parents.append(
                    SpanContext(
                        traceID: trace, spanID: SpanID(value: 1), traceFlags: flags, traceState: state,
                        isRemote: isRemote))
            }
        }
        var requests = parents.map { parent -> SamplingRequest in
            var context = ServiceContext.topLevel
            context.spanContext = parent
            return SamplingRequest(
                parentContext: context, parent: parent, traceID: trace, name: "GET /items/{id}",
                kind: .server,
                attributes: ["http.route": "/items/{id}", "http.response.status_code": 200])
        }
        requests += [
            SamplingRequest(traceID: .invalid, name: ""),
            SamplingRequest(
                traceID: TraceID(high: .max, low: .max), name: String(repeating: "n", count: 100_000),
                kind: .consumer,
                attributes: ["": .double(.nan), "map": .map(["a": .array([.empty])])],
                links: (0..<1_000).map {
                    TelemetryLink(SpanContext(traceID: trace, spanID: SpanID(value: $0 + 1)))
                }),
        ]
        return requests
    }
}

extension SamplingRequest {
    fileprivate var what: String {
        guard let parent else { return "a root" }
        return
            "a child of a \(parent.isRemote ? "remote" : "local") \(parent.isSampled ? "sampled" : "unsampled") span"
    }
}

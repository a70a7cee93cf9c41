// SPDX-License-Identifier: Apache-2.0

import Instrumentation
import TelemetryConfiguration
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

@testable import Contrail

@Suite("Starting: samplers")
struct SamplerAssemblyTests {
    private func described(_ setting: SamplerSetting) -> String {
        var assembly = SamplerAssembly(serviceName: "items")
        return assembly.sampler(setting).description
    }

    @Test("each setting becomes its sampler, with all its slots")
    func each() {
        #expect(described(.alwaysOn) == "AlwaysOnSampler")
        #expect(described(.alwaysOff) == "AlwaysOffSampler")
        #expect(described(.traceIDRatio(0.25)) == "TraceIdRatioBased{0.25}")
        #expect(described(.probability(0.25)) == "ProbabilitySampler{0.25}")
        #expect(described(.alwaysRecord(.alwaysOff)) == "AlwaysRecordSampler{AlwaysOffSampler}")
        #expect(
            described(
                .parentBased(
                    root: .alwaysOff, remoteParentSampled: .traceIDRatio(0.1),
                    remoteParentNotSampled: .traceIDRatio(0.2), localParentSampled: .traceIDRatio(0.3),
                    localParentNotSampled: .traceIDRatio(0.4)))
                == "ParentBased{root:AlwaysOffSampler,remoteParentSampled:TraceIdRatioBased{0.1},"
                + "remoteParentNotSampled:TraceIdRatioBased{0.2},localParentSampled:TraceIdRatioBased{0.3},"
                + "localParentNotSampled:TraceIdRatioBased{0.4}}")
        #expect(described(.custom(AlwaysOnSampler())) == "AlwaysOnSampler")
    }

    @Test("a remote sampler begins with its initial rate, and somebody asks for it")
    func remote() async {
        var assembly = SamplerAssembly(serviceName: "items")
        let sampler = assembly.sampler(.parentBased(root: .jaegerRemote(.init(initialSamplingRate: 0.5))))
        #expect(
            sampler.description.hasPrefix(
                "ParentBased{root:JaegerRemoteSampler{initial:TraceIdRatioBased{0.5}},"))
        #expect(assembly.pollers.count == 1)
        for poller in assembly.pollers { await poller.stop() }
    }

    @Test("one line of code drops health checks by route; what no rule names is kept")
    func healthChecks() async throws {
        let kept = KeepingExporter()
        let stage = Stage()
        let telemetry = try stage.start { settings in
            settings.exporters = [.custom(kept)]
            settings.traces.sampler = .parentBased(root: .rules([.drop(where: .route("/health"))]))
        }
        let tracer = try #require(stage.instrument as? any Tracer)
        for name in ["GET /health", "GET /items"] {
            let span = tracer.startAnySpan(name, context: .topLevel, ofKind: .server)
            tracer.startAnySpan("below", context: span.context).end()
            span.end()
        }
        await telemetry.shutdown()
        #expect(Set(kept.spans.map(\.name)) == ["GET /items", "below"])
        #expect(kept.spans.count == 2)
    }

    @Test("limits and switched-off scopes reach the spans")
    func limitsAndScopes() async throws {
        let kept = KeepingExporter()
        let stage = Stage()
        let telemetry = try stage.start(["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "1"]) { settings in
            settings.exporters = [.custom(kept)]
            settings.traces.scopes = [.off("Noisy")]
        }
        let tracer = try #require(stage.instrument as? any Tracer)
        for module in ["Noisy", "Items"] {
            let span = tracer.startAnySpan(
                module, context: .topLevel, function: #function, file: "\(module)/File.swift", line: #line)
            span.attributes["a"] = 1
            span.attributes["b"] = 2
            span.end()
        }
        await telemetry.shutdown()
        #expect(kept.spans.map(\.name) == ["Items"])
        #expect(kept.spans.first?.attributes.count == 1)
        #expect(kept.spans.first?.droppedAttributesCount == 1)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Instrumentation
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import TelemetryResources
import TelemetrySDK
import Testing

@Suite("Contracts")
struct ContractTests {
    /// The rules that a suite finds broken.
    private func broken(_ check: () async throws -> Void) async throws -> [String] {
        do {
            try await check()
            return []
        } catch let error as ContractViolations {
            #expect(error.description.contains("breaks its contract"))
            return error.violations.map(\.rule)
        }
    }

    // MARK: - Our own types

    @Test("the exporter in memory keeps the contract of span exporters")
    func exporter() async throws {
        try await SpanExporterContract.check { InMemorySpanExporter() }
    }

    @Test("the processors keep the contract of span processors")
    func processors() async throws {
        try await SpanProcessorContract.check { SimpleSpanProcessor(exporter: InMemorySpanExporter()) }
        try await SpanProcessorContract.check { BatchSpanProcessor(exporter: InMemorySpanExporter()) }
        try await SpanProcessorContract.check { BaggageSpanProcessor(names: ["tenant"]) }
        try await SpanProcessorContract.checkDelivery { SimpleSpanProcessor(exporter: $0) }
        try await SpanProcessorContract.checkDelivery { BatchSpanProcessor(exporter: $0) }
    }

    @Test("the samplers keep the contract of samplers")
    func samplers() async throws {
        try await SamplerContract.check { AlwaysOnSampler() }
        try await SamplerContract.check { AlwaysOffSampler() }
        try await SamplerContract.check { TraceIDRatioBasedSampler(ratio: 0.5) }
        try await SamplerContract.check { ParentBasedSampler() }
        try await SamplerContract.check { AlwaysRecordSampler(root: AlwaysOffSampler()) }
        try await SamplerContract.check { ProbabilitySampler(ratio: 0.5) }
        try await SamplerContract.check { JaegerRemoteSampler(initialSampler: AlwaysOnSampler()) }
        try await SamplerContract.check {
            CompositeSampler(
                ComposableParentThresholdSampler(
                    root: ComposableRuleBasedSampler([
                        .init(SpanCondition(route: "/health"), ComposableAlwaysOffSampler()),
                        .init(.everything, ComposableProbabilitySampler(ratio: 0.1)),
                    ])))
        }
    }

    @Test("the id generators keep the contract of id generators")
    func ids() async throws {
        try await IDGeneratorContract.check { RandomIDGenerator() }
        try await IDGeneratorContract.check { FixedIDs() }
    }

    @Test("the detectors keep the contract of resource detectors on this machine")
    func detectors() async throws {
        let surroundings = DetectionSurroundings(environment: [
            "KUBERNETES_SERVICE_HOST": "10.0.0.1", "POD_NAME": "a",
        ])
        let detectors: [any ResourceDetector] = [
            ProcessDetector(), HostDetector(), OSDetector(), ContainerDetector(), KubernetesDetector(),
        ]
        for detector in detectors {
            try await ResourceDetectorContract.check(in: surroundings, timeLimit: .seconds(10)) { detector }
        }
    }

    @Test("the propagators keep the contract of propagators")
    func propagators() async throws {
        try await TextMapPropagatorContract.check { W3CTraceContextPropagator() }
        try await TextMapPropagatorContract.check { W3CBaggagePropagator() }
        try await TextMapPropagatorContract.check { B3Propagator() }
        try await TextMapPropagatorContract.check { B3Propagator(form: .multi) }
        try await TextMapPropagatorContract.check(hasVariableFields: true) { JaegerPropagator() }
        try await TextMapPropagatorContract.check { XRayPropagator() }
        try await TextMapPropagatorContract.check(hasVariableFields: true) { OTTracePropagator() }
        try await TextMapPropagatorContract.check { CompositePropagator.standard }
        try await TextMapPropagatorContract.check { CompositePropagator.none }
    }

    // MARK: - Broken types

    @Test("an exporter that takes batches after its shutdown, drops some or hangs is caught")
    func brokenExporter() async throws {
        struct Deaf: SpanExporter {
            func export(_ batch: SpanBatch) async -> ExportResult {
                .success(rejected: batch.count > 1 ? 1 : 0)
            }
            func forceFlush() async {}
            func shutdown() async {}
        }
        let deaf = try await broken { try await SpanExporterContract.check { Deaf() } }
        #expect(deaf.contains("after shutdown an export fails with shut_down"))
        #expect(deaf.contains("a batch of a thousand spans is taken whole"))

        struct Hanging: SpanExporter {
            func export(_ batch: SpanBatch) async -> ExportResult { .success() }
            func forceFlush() async {
                await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
            }
            func shutdown() async {}
        }
        let hanging = try await broken {
            try await SpanExporterContract.check(timeLimit: .milliseconds(200)) { Hanging() }
        }
        #expect(hanging.contains("a flush returns in time"))
    }

    @Test("a processor that ends spans, loses, doubles or exports what is only recorded is caught")
    func brokenProcessor() async throws {
        struct Ending: SpanProcessor {
            func onStart(_ span: TelemetrySpan, parentContext: ServiceContext) { span.end() }
        }
        #expect(
            try await broken { try await SpanProcessorContract.check { Ending() } } == [
                "onStart leaves the span open"
            ])

        struct Careless: SpanProcessor {
            let exporter: any SpanExporter
            func onEnd(_ span: FinishedSpan) {
                guard span.name != "span 4" else { return }
                let batch = SpanBatch([
                    ResourceSpans(
                        resource: span.resource,
                        scopeSpans: [ScopeSpans(scope: span.scope, spans: [span.data, span.data])])
                ])
                Task { _ = await exporter.export(batch) }
            }
        }
        let careless = try await broken {
            try await SpanProcessorContract.checkDelivery { Careless(exporter: $0) }
        }
        #expect(careless.contains("what ended before a shutdown is exported"))
        #expect(careless.contains("the exporter is shut down once"))
    }

    @Test("a sampler that changes its mind or drops the trace state is caught")
    func brokenSampler() async throws {
        final class Fickle: Sampler {
            private let isEven = Mutex(false)
            var description: String { "" }
            func shouldSample(_ request: SamplingRequest) -> SamplingResult {
                let decides = isEven.withLock { value in
                    value.toggle()
                    return value
                }
                return SamplingResult(decides ? .recordAndSample : .drop, traceState: TraceState())
            }
        }
        #expect(
            try await broken { try await SamplerContract.check { Fickle() } } == [
                "the description says something", "equal requests get equal answers",
                "other vendors' members of the trace state stay, in their order",
            ])
    }

    @Test("ids that repeat, are zero or are called random and are not are caught")
    func brokenIDs() async throws {
        struct Constant: IDGenerator {
            var isRandom: Bool { true }
            func traceID() -> TraceID { TraceID(high: 1, low: 1) }
            func spanID() -> SpanID { .invalid }
        }
        #expect(
            try await broken { try await IDGeneratorContract.check { Constant() } } == [
                "ids are never zero", "ids of traces are unique, from many threads at once",
                "ids of spans are unique, from many threads at once",
                "the last seven bytes of a trace id are random, since isRandom says so",
            ])
    }

    @Test("a detector without schema, with a loud name, that fails where there is nothing, is caught")
    func brokenDetector() async throws {
        struct Rude: ResourceDetector {
            var name: String { "My Detector" }
            func detect(in surroundings: DetectionSurroundings) throws -> Resource {
                guard !surroundings.environment.isEmpty else { throw DetectionError("nothing there") }
                return Resource(attributes: ["host.name": "a"])
            }
        }
        #expect(
            try await broken {
                try await ResourceDetectorContract.check(in: DetectionSurroundings(environment: ["A": "1"])) {
                    Rude()
                }
            } == [
                "the name is of lower-case letters, digits and _",
                "attributes of the semantic conventions come with a schema URL", "it does not fail",
            ])
    }

    @Test("a propagator that forgets, invents and hides headers is caught")
    func brokenPropagator() async throws {
        struct Sloppy: TextMapPropagator {
            var fields: [String] { ["x-trace"] }
            func inject<Carrier, Inject: Injector>(
                _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
            ) where Inject.Carrier == Carrier {
                injector.inject("é", forKey: "x-hidden", into: &carrier)
                injector.inject(context.spanContext?.spanID.hex ?? "none", forKey: "x-trace", into: &carrier)
            }
            func extract<Carrier, Extract: Extractor>(
                _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
            ) where Extract.Carrier == Carrier {
                context = .topLevel
                context.spanContext = SpanContext(
                    traceID: .invalid,
                    spanID: SpanID(hex: extractor.extract(key: "x-trace", from: carrier) ?? "") ?? .invalid)
            }
        }
        let rules = try await broken { try await TextMapPropagatorContract.check { Sloppy() } }
        for rule in [
            "nothing to carry sets no header", "a message without headers leaves the context as it was",
            "fields names every header that is set", "values of headers are printable ASCII",
            "other values of the context stay", "an extracted span is remote", "an extracted span is valid",
            "a broken header gives no invalid span",
        ] {
            #expect(rules.contains(rule), "\(rule)")
        }
    }
}

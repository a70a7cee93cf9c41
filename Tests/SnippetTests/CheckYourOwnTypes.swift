// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import TelemetryAPI
import TelemetryPropagators
import TelemetryResources
import TelemetrySDK
import Testing

// Somebody's own types: here those of Contrail under other names.
private typealias MyExporter = InMemorySpanExporter
private typealias MyHeaders = W3CTraceContextPropagator
private typealias MyIDs = RandomIDGenerator
private typealias MySampler = AlwaysOnSampler
private typealias MyDetector = OSDetector
private typealias MyBatchProcessor = BatchSpanProcessor

private struct MyProcessor: SpanProcessor {}

@Suite("Article: How do I know that my own exporter keeps the contract?")
struct CheckYourOwnTypesSnippets {
    @Test func keepsItsContract() async throws {
        try await SpanExporterContract.check { MyExporter() }
    }

    @Test("there is one for each protocol")
    func others() async throws {
        try await SamplerContract.check { MySampler() }
        try await TextMapPropagatorContract.check { MyHeaders() }
        try await IDGeneratorContract.check { MyIDs() }
        try await SpanProcessorContract.check { MyProcessor() }
        try await SpanProcessorContract.checkDelivery { MyBatchProcessor(exporter: $0) }
        let surroundings = DetectionSurroundings(environment: [:], root: "/")
        try await ResourceDetectorContract.check(in: surroundings) { MyDetector() }
    }

    @Test("the tree of the documentation is read")
    func tree() throws {
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(TelemetryScope("items"))
        tracer.withSpan("POST /api/v1/items/", kind: .server) { _ in
            tracer.withSpan("validate_input") { _ in }
            tracer.withSpan("INSERT items", kind: .client, attributes: ["db.system.name": "sqlite"]) { _ in }
            tracer.withSpan("log_event") { _ in }
        }
        try telemetry.expect(
            """
            POST /api/v1/items/  server
            ├─ validate_input
            ├─ INSERT items  client  db.system.name=sqlite
            └─ log_event
            """)
    }
}

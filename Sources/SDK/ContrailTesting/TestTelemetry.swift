// SPDX-License-Identifier: Apache-2.0

public import TelemetryAPI
// Exported again: tests look at spans in its words.
@_exported public import TelemetryModel
import TelemetryPropagators
public import TelemetrySDK
public import Tracing

/// A whole SDK for one test: spans are there as soon as they have ended, nothing is global, tests run in parallel.
///
/// ```swift
/// let telemetry = TestTelemetry()
/// try await telemetry.run { try await createItem("tea") }
/// #expect(telemetry.finishedSpans.map(\.name) == ["validate_input", "log_event", "create item"])
/// ```
public struct TestTelemetry: Sendable {
    public let provider: TracerProvider
    public let exporter: InMemorySpanExporter
    /// For swift-distributed-tracing.
    public let tracer: any Tracer

    /// - Parameters:
    ///   - service: the resource's `service.name`.
    ///   - sampler: as a provider's.
    ///   - limits: as a provider's.
    ///   - idGenerator: as a provider's; ``FixedIDs`` for ids known beforehand.
    ///   - clock: as a provider's; ``ManualClock`` for times known beforehand.
    ///   - processors: told before the one that keeps the spans.
    ///   - propagator: nil reads and writes no headers.
    public init(
        service: String = "test", sampler: any Sampler = ParentBasedSampler(),
        limits: SpanLimits = SpanLimits(), idGenerator: any IDGenerator = RandomIDGenerator(),
        clock: any TelemetryClock = SystemTelemetryClock(), processors: [any SpanProcessor] = [],
        propagator: (any TextMapPropagator)? = nil
    ) {
        exporter = InMemorySpanExporter()
        provider = TracerProvider(
            resource: Resource(attributes: ["service.name": .string(service)]), sampler: sampler,
            limits: limits,
            idGenerator: idGenerator, clock: clock,
            processors: processors + [SimpleSpanProcessor(exporter: exporter)])
        tracer = provider.tracingTracer(propagator: propagator ?? CompositePropagator.none)
    }

    /// Spans that have ended, in that order.
    public var finishedSpans: [SpanData] { exporter.finishedSpans }

    /// The first finished span of this name.
    public func finishedSpan(_ name: String) -> SpanData? { finishedSpans.first { $0.name == name } }

    /// Forgets the finished spans.
    public func reset() { exporter.reset() }

    /// Runs `body` with this telemetry as that of swift-distributed-tracing and of every `TelemetryScope`.
    public func run<Result, Failure: Error>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withTracer(tracer) { () throws(Failure) -> Result in
            try provider.withTaskDefault(body)
        }
    }

    /// Runs `body` with this telemetry as that of swift-distributed-tracing and of every `TelemetryScope`, in this
    /// task and those that it starts.
    public nonisolated(nonsending) func run<Result, Failure: Error>(
        _ body: nonisolated(nonsending) () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await withTracer(tracer) { () async throws(Failure) -> Result in
            try await provider.withTaskDefault(body)
        }
    }
}

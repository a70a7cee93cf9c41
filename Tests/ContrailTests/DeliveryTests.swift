// SPDX-License-Identifier: Apache-2.0

import Contrail
import Loopback
import TelemetryModel
import TelemetrySDK
import Testing
import Tracing

/// `Benchmarks/Delivery` in small: what is counted here is what arrived there.
@Suite("Delivery", .timeLimit(.minutes(3)))
struct DeliveryTests {
    private static let spansPerTask = 10_000

    /// Two tasks end spans as fast as they can; then telemetry ends.
    private func burst(_ environment: [String: String]) async throws -> SpanCounts {
        let stage = Stage()
        let telemetry = try stage.start(environment)
        let tracer = try #require(stage.instrument as? any Tracer)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    for _ in 0..<Self.spansPerTask {
                        tracer.withAnySpan("burst", context: .topLevel) { $0.attributes["fast"] = true }
                    }
                }
            }
        }
        let before = telemetry.spanCounts
        #expect(before.created == before.delivered + before.dropped + before.queued + before.inFlight)
        #expect(await telemetry.shutdown(timeout: .seconds(60)).outcome == .completed)
        let counts = telemetry.spanCounts
        #expect(counts.created == 2 * Self.spansPerTask)
        #expect(counts.created == counts.delivered + counts.dropped)
        #expect(telemetry.spanCountsByExporter.map(\.counts) == [counts])
        return counts
    }

    private func expect(_ received: [SpanData], _ counts: SpanCounts) {
        #expect(received.count == counts.delivered)
        #expect(Set(received.map(\.spanID)).count == counts.delivered)
        #expect(Set(counts.droppedByReason.keys).isSubset(of: [.queueFull]))
    }

    @Test(
        "a burst over OTLP/HTTP: what arrives and what is dropped is what ended",
        arguments: ["2048", "32768"])
    func http(queueSize: String) async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let counts = try await burst([
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.port)",
            "OTEL_BSP_MAX_QUEUE_SIZE": queueSize,
        ])
        expect(receiver.spans, counts)
        if queueSize == "32768" { #expect(counts.dropped == 0) }
        await receiver.stop()
    }

    #if GRPC
        @Test(
            "a burst over OTLP/gRPC: what arrives and what is dropped is what ended",
            arguments: ["2048", "32768"])
        func grpc(queueSize: String) async throws {
            let receiver = try await LoopbackGRPCReceiver.start()
            let counts = try await burst([
                "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
                "OTEL_BSP_MAX_QUEUE_SIZE": queueSize,
            ])
            expect(receiver.spans, counts)
            if queueSize == "32768" { #expect(counts.dropped == 0) }
            await receiver.stop()
        }
    #endif

    @Test("a receiver that hangs does not keep the spans from another one")
    func severalExporters() async throws {
        let (good, hanging) = (
            try await LoopbackOTLPReceiver.start(), try await LoopbackOTLPReceiver.start(otherwise: .hang)
        )
        let stage = Stage()
        let telemetry = try stage.start { settings in
            settings.exporters = [
                .otlp(.httpProtobuf, to: "http://127.0.0.1:\(hanging.port)"),
                .otlp(.httpProtobuf, to: "http://127.0.0.1:\(good.port)"),
            ]
            settings.traces.batch.maxExportBatchSize = 1
        }
        (stage.instrument as? any Tracer)?.withAnySpan("both", context: .topLevel) { _ in }
        #expect(await good.requests(atLeast: 1).count == 1)
        let report = await telemetry.shutdown(timeout: .milliseconds(200))
        #expect(report == FlushReport(.timedOut, undelivered: 1))
        let counts = telemetry.spanCountsByExporter
        #expect(counts.map(\.exporter).first?.contains("\(hanging.port)") == true)
        #expect(counts.map(\.counts.delivered) == [0, 1])
        #expect(counts.first?.counts.droppedByReason == [.shutDown: 1])
        #expect(telemetry.spanCounts.created == 2)
        await good.stop()
        await hanging.stop()
    }

    @Test("a function that flushes at the end of each call has delivered what ended in it")
    func function() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let stage = Stage()
        let telemetry = try stage.start([
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(receiver.port)"
        ])
        let tracer = try #require(stage.instrument as? any Tracer)
        for call in 1...5 {
            for _ in 0..<100 { tracer.withAnySpan("call", context: .topLevel) { _ in } }
            #expect(await telemetry.forceFlush().outcome == .completed)
            #expect(receiver.spans.count == call * 100)
            #expect(telemetry.spanCounts.delivered == call * 100)
        }
        await telemetry.shutdown()
        await receiver.stop()
    }
}

// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import OTLPGRPCExporter
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Tracing

/// CPU time of the whole process, all threads, for each span that an OTLP/gRPC receiver has acknowledged: made, encoded
/// and sent. The receiver is another process, so its time does not count.
enum Delivered {
    /// Spans made before the queue is drained; none is dropped.
    private static let burst = 20_000

    static func measure(_ endpoint: String, _ operations: Int) {
        let bodies: [(String, (TracerProvider, Int) -> Void)] = [
            ("api/root", { Workloads.root($0.tracer(TelemetryScope("benchmark")), $1) }),
            (
                "sdt/root",
                { Workloads.root($0.tracingTracer(propagator: CompositePropagator.none) as any Tracer, $1) }
            ),
            ("api/full", { Workloads.full($0.tracer(TelemetryScope("benchmark")), $1) }),
            (
                "sdt/full",
                { Workloads.full($0.tracingTracer(propagator: CompositePropagator.none) as any Tracer, $1) }
            ),
        ]
        for (name, body) in bodies {
            guard let rounds = rounds(endpoint, operations, body) else {
                FileHandle.standardError.write(Data("delivered/\(name): not all spans arrived\n".utf8))
                exit(1)
            }
            print(
                "delivered/\(name)", String(format: "%.1f", rounds.nanoseconds),
                String(format: "%.2f", rounds.nanoseconds / rounds.floorNanoseconds), separator: "\t")
        }
    }

    /// Nil when not all spans have arrived.
    private static func rounds(
        _ endpoint: String, _ operations: Int, _ body: (TracerProvider, Int) -> Void
    ) -> QuietRounds? {
        guard let exporter = try? OTLPGRPCSpanExporter(.init(endpoint: endpoint)) else { return nil }
        let processor = BatchSpanProcessor(exporter: exporter, configuration: .init(queueSize: 2 * burst))
        let provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "benchmark"]), processors: [processor])
        body(provider, burst)
        flush(provider)
        let bursts = max(1, operations / burst)
        let rounds = QuietRounds.take(operations) {
            let before = processNanoseconds()
            for _ in 0..<bursts {
                body(provider, burst)
                flush(provider)
            }
            return Double(processNanoseconds() - before) / Double(bursts * burst)
        }
        let counts = processor.counts
        guard counts.delivered == burst * (1 + bursts * QuietRounds.taken) else { return nil }
        return rounds
    }

    private static func flush(_ provider: TracerProvider) {
        let done = DispatchSemaphore(value: 0)
        Task.detached {
            _ = await provider.forceFlush()
            done.signal()
        }
        done.wait()
    }

    private static func processNanoseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
        return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
    }
}

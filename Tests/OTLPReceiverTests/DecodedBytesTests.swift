// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@testable import OTLPReceiver

@Suite("memory of decoded requests")
struct DecodedBytesTests {
    private final class Logs: LogWriter {
        let written = Mutex(0)
        /// Nil: answers at once.
        let gate: AsyncStream<Void>?

        init(gate: AsyncStream<Void>? = nil) { self.gate = gate }

        func write(_ batch: [ResourceLogs]) async throws(StorageError) {
            written.withLock { $0 += 1 }
            guard let gate else { return }
            for await _ in gate { return }
        }
    }

    private struct NoSpans: SpanWriter {
        func write(_ spans: EncodedSpans) async throws(StorageError) {}
    }

    private func ingest(_ writer: any LogWriter, decodedBytes: Int = 256 << 20) -> (TraceIngest, LogsIngest) {
        let traces = TraceIngest(
            writer: NoSpans(), limits: ReceiverLimits(decodedBytesInFlightMax: decodedBytes))
        return (traces, LogsIngest(writer: writer, beside: traces, now: { 1 }))
    }

    /// As few bytes as a record can have on the wire: two.
    private func empty(_ count: Int) -> [ResourceLogs] {
        [
            ResourceLogs(
                resource: Resource(),
                scopeLogs: [
                    ScopeLogs(
                        scope: InstrumentationScope(name: ""),
                        logRecords: Array(repeating: LogRecord(), count: count))
                ])
        ]
    }

    private func bytes(_ logs: [ResourceLogs], _ encoding: OTLPEncoding) -> [UInt8] {
        switch encoding {
        case .protobuf: OTLPProtobuf.encode(ExportLogsServiceRequest(resourceLogs: logs))
        case .json: OTLPJSON.encode(ExportLogsServiceRequest(resourceLogs: logs))
        }
    }

    @Test(
        "a small request that would fill the memory with empty records is refused as too large",
        arguments: OTLPEncoding.allCases)
    func emptyRecords(encoding: OTLPEncoding) throws {
        let (traces, logs) = ingest(Logs(), decodedBytes: 4 << 20)
        let request = bytes(empty(100_000), encoding)
        #expect(request.count < 400_000)
        let refusal = #expect(throws: Refusal.self) {
            try logs.decode(request.span.bytes, as: encoding)
        }
        #expect(refusal?.reason == .tooLarge)
        #expect(traces.decodedBudget.inUse == 0, "what a refused request took is given back")
        // And what fits is taken, also when the first guess was too small for it.
        let fitting = bytes(empty(10_000), encoding)
        #expect(
            try logs.decode(fitting.span.bytes, as: encoding).first?.scopeLogs.first?.logRecords.count
                == 10_000)
        #expect(traces.decodedBudget.inUse == 0)
    }

    @Test(
        "while one request is stored, its values count, and another that does not fit beside it may come again"
    )
    func besideAnother() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let writer = Logs(gate: gate)
        let (traces, logs) = ingest(writer, decodedBytes: 30_000 * MemoryLayout<LogRecord>.stride)
        let batch = empty(15_000)
        async let first = logs.store(batch)
        while writer.written.withLock({ $0 }) == 0 { await Task.yield() }
        #expect(traces.decodedBudget.inUse >= 15_000 * MemoryLayout<LogRecord>.stride)
        let refusal = await #expect(throws: Refusal.self) { try await logs.store(empty(20_000)) }
        #expect(refusal?.reason == .overloaded)
        let request = bytes(empty(20_000), .protobuf)
        let early = #expect(throws: Refusal.self) { try logs.decode(request.span.bytes, as: .protobuf) }
        #expect(early?.reason == .overloaded)
        open.finish()
        _ = try await first
        #expect(traces.decodedBudget.inUse == 0)
        #expect(try logs.decode(request.span.bytes, as: .protobuf).isEmpty == false)
    }

    @Test("what a batch holds counts its nested values and its texts")
    func held() {
        var record = LogRecord(body: .array([.string("12345"), .map(["a": .bytes([1, 2, 3])])]))
        record.severityText = "fine"
        var batch = empty(0)
        let before = DecodedBytes.held(by: batch)
        batch[0].scopeLogs[0].logRecords = [record]
        let values = 2 * MemoryLayout<AttributeValue>.stride + MemoryLayout<Attribute>.stride
        #expect(
            DecodedBytes.held(by: batch) - before
                == MemoryLayout<LogRecord>.stride + values + 5 + 1 + 3 + 4)
    }
}

// SPDX-License-Identifier: Apache-2.0

import FaultyReceiver
import Loopback
import OTLPGRPCExporter
import OTLPHTTPExporter
import Synchronization
import TelemetryAPI
import TelemetrySDK
import Testing

/// Spans on the way that programs send them: tracer, batch processor, exporter, socket.
struct Delivery {
    /// In each request; must be in nothing that is told.
    static let secret = "s3cr3t-0f-th3-t3st"
    static let authorization = "Bearer \(secret)"
    /// In the address of each receiver; must not be told either.
    static let querySecret = "qu3ry-s3cr3t"
    static let spansPerBatch = 4

    let receiver: FaultyReceiver
    let time = FakeTime()
    let exporter: Overheard
    let processor: BatchSpanProcessor
    let provider: TracerProvider
    private let tracer: TelemetryTracer

    /// `clock`: whether waits between attempts take no time, or the time they say.
    init(
        _ wire: FaultyReceiver.Wire, to receiver: FaultyReceiver, timeout: Duration = .seconds(10),
        tls: OTLPTLSFiles = .init(), inRealTime: Bool = false, isPatient: Bool = false,
        batch: BatchSpanProcessor.Configuration = .init()
    ) throws {
        self.receiver = receiver
        let time = time
        let environment = RetryEnvironment(
            now: { time.now },
            sleep: { duration in
                time.sleep(duration)
                try await receiver.nextAttempt()
                if isPatient { try await RetryEnvironment.system.sleep(duration) }
            }, random: { 0 })
        exporter = Overheard(
            try Self.exporter(
                wire, to: receiver.endpoint, timeout, tls, inRealTime ? .system : environment))
        processor = BatchSpanProcessor(exporter: exporter, configuration: batch)
        provider = TracerProvider(processors: [processor])
        tracer = provider.tracer(TelemetryScope("com.example.faults"))
    }

    private static func exporter(
        _ wire: FaultyReceiver.Wire, to endpoint: String, _ timeout: Duration, _ tls: OTLPTLSFiles,
        _ environment: RetryEnvironment
    ) throws -> any SpanExporter {
        let headers = [("authorization", authorization)]
        switch wire {
        case .http:
            return try OTLPHTTPSpanExporter(
                .init(
                    endpoint: "\(endpoint)?key=\(querySecret)", headers: headers, timeout: timeout, tls: tls),
                policy: ExportRetryPolicy(), environment: environment)
        case .grpc:
            return try OTLPGRPCSpanExporter(
                .init(endpoint: endpoint, headers: headers, timeout: timeout, tls: tls),
                policy: ExportRetryPolicy(),
                environment: environment)
        }
    }

    /// Makes and ends spans with these numbers as names.
    func end(_ names: Range<Int>, payload: Int = 0) {
        for name in names {
            let span = tracer.startSpan("\(name)")
            if payload > 0 { span["payload"] = String(repeating: "x", count: payload) }
            span.end()
        }
    }

    /// `created = delivered + dropped + still queued`, whatever has happened.
    func expectSum(_ created: Int, sourceLocation: SourceLocation = #_sourceLocation) {
        let counts = processor.counts
        #expect(counts.created == created, sourceLocation: sourceLocation)
        #expect(
            created == counts.delivered + counts.dropped + counts.queued + counts.inFlight,
            "\(counts)", sourceLocation: sourceLocation)
    }

    /// How often each span arrived whole, by its name.
    var arrivals: [String: Int] {
        receiver.spans.reduce(into: [:]) { counts, span in
            counts[span.name, default: 0] += 1
        }
    }
}

/// Listens to what an exporter says of each batch, which is what the processor tells the log.
final class Overheard: SpanExporter {
    private let exporter: any SpanExporter
    private let heard = Mutex<[ExportResult]>([])
    private let names = Mutex<[String]>([])

    init(_ exporter: any SpanExporter) { self.exporter = exporter }

    /// Errors and warnings as they go into the log.
    var told: [String] {
        heard.withLock { $0 }.compactMap { result in
            switch result {
            case .success(_, let message): message.isEmpty ? nil : message
            case .failure(let error): "\(error)"
            }
        }
    }

    /// Names of the spans of each batch that a receiver took, be it in part.
    var taken: [String] { names.withLock { $0 } }

    func export(_ batch: SpanBatch) async -> ExportResult {
        let result = await exporter.export(batch)
        if case .success = result {
            let taken = batch.resourceSpans.flatMap(\.scopeSpans).flatMap(\.spans).map(\.name)
            names.withLock { $0 += taken }
        }
        heard.withLock { $0.append(result) }
        return result
    }

    func forceFlush() async { await exporter.forceFlush() }
    func shutdown() async { await exporter.shutdown() }
}

// SPDX-License-Identifier: Apache-2.0

import FaultyReceiver
import NIOHTTP2
import OTLPWire
import TelemetrySDK
import Testing
import WireFixtures

/// One fault after another, as chance (with a seed, so that a failure can be had again) puts them.
@Suite("Export: any row of faults", .timeLimit(.minutes(1)))
struct RandomFaultTests {
    private static let spans = 2_000

    private static let http: [Fault] = [
        .refuse, .resetConnection, .resetInRequest, .disconnect, .success(.halfThenReset),
        .success(.atOnce, .close), .success(.atOnce, .closeSilently), .success(), .success(), .http(400),
        .http(404), .http(413), .http(429, retryAfter: "2"), .http(429, retryAfter: "60"), .http(500),
        .http(502), .http(503), .http(504), .http(307, location: "/elsewhere"), .partial(rejected: 3, "bad"),
        .partial(rejected: 0, "old"), .garbage("220 mail\r\n"),
        .http(200, contentType: "text/html", Array("<html>".utf8)),
    ]

    private static let transport: [Fault] =
        [
            .refuse, .resetConnection, .resetInRequest, .disconnect, .grpcSuccess(.init(), .halfThenReset),
            .grpcSuccess(.init(), .atOnce, .close), .grpcSuccess(.init(), .atOnce, .closeSilently),
            .grpcSuccess(), .grpcSuccess(), .goAwayAtStart(.noError), .goAwayInRequest(.noError),
            .answerWithGoAway(.noError), .resetStream(.refusedStream), .resetStream(.cancel), .web(200),
            .web(503),
            .grpcSuccess(.init(partialSuccess: .init(rejectedSpans: 3, errorMessage: "bad"))),
            .garbage("220 mail\r\n"),
        ]
    private static let grpc: [Fault] = transport + (1...16).map { (code: Int) -> Fault in Fault.status(code) }

    @Test(
        "OTLP/HTTP: the sum adds up, and each span that is counted as delivered has arrived", arguments: 1...8
    )
    func http(seed: UInt64) async throws { try await check(Self.http, seed, .http) }

    @Test(
        "OTLP/gRPC: the sum adds up, and each span that is counted as delivered has arrived", arguments: 1...8
    )
    func grpc(seed: UInt64) async throws { try await check(Self.grpc, seed, .grpc) }

    private func check(_ faults: [Fault], _ seed: UInt64, _ wire: FaultyReceiver.Wire) async throws {
        var generator = SeededGenerator(seed: seed)
        let script = (0..<40).map { _ in faults[generator.below(faults.count)] }
        let receiver = try await FaultyReceiver.start(wire, script)
        let delivery = try Delivery(
            wire, to: receiver, batch: .init(queueSize: Self.spans, batchSize: 100))
        delivery.end(0..<Self.spans)
        _ = await delivery.provider.shutdown(timeout: .seconds(20))

        delivery.expectSum(Self.spans)
        let counts = delivery.processor.counts
        #expect(counts.queued == 0 && counts.inFlight == 0)
        let taken = delivery.exporter.taken
        #expect(taken.count == counts.delivered + (counts.droppedByReason[.rejected] ?? 0))
        let arrivals = delivery.arrivals
        #expect(taken.filter { arrivals[$0] == nil } == [])
        await receiver.stop()
    }
}

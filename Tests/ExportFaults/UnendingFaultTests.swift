// SPDX-License-Identifier: Apache-2.0

import FaultyReceiver
import NIOHTTP2
import OTLPWire
import TelemetrySDK
import Testing

/// The same receivers when they never get better, in real time: a program must come to its end nevertheless.
@Suite("Export: shutdown in spite of a receiver", .timeLimit(.minutes(1)))
struct UnendingFaultTests {
    /// Far below the exporter's timeout of ten seconds, so that the shutdown's own is the one that ends it.
    private static let timeout = Duration.milliseconds(100)
    /// What a loaded machine may take on top.
    private static let slack = Duration.seconds(2)

    private static let http: [(String, Fault)] = [
        ("refuses every connection", .refuse), ("resets every connection", .resetConnection),
        ("accepts and says nothing", .silentConnection), ("takes requests and says nothing", .hang),
        ("closes instead of answering", .disconnect), ("resets in every request", .resetInRequest),
        ("stops in the middle of an answer", .success(.halfThenSilence)),
        ("answers slowly", .success(.byteByByte(pauseMilliseconds: 100))),
        ("answers 429", .http(429, retryAfter: "3")), ("answers 503", .http(503)),
    ]

    private static let grpc: [(String, Fault)] = [
        ("refuses every connection", .refuse), ("resets every connection", .resetConnection),
        ("accepts and says nothing", .silentConnection), ("takes requests and says nothing", .hang),
        ("closes instead of answering", .disconnect), ("resets in every request", .resetInRequest),
        ("stops in the middle of an answer", .grpcSuccess(.init(), .halfThenSilence)),
        ("answers UNAVAILABLE", .status(14)), ("sends GOAWAY to every connection", .goAwayAtStart(.noError)),
        ("sends GOAWAY to every request", .goAwayInRequest(.noError)),
        ("resets every stream", .resetStream(.refusedStream)), ("speaks no HTTP/2", .garbage("220 mail\r\n")),
    ]

    @Test("OTLP/HTTP: a shutdown keeps its time and says what was left when the receiver", arguments: http)
    func overHTTP(what: String, fault: Fault) async throws { try await check(fault, .http) }

    @Test("OTLP/gRPC: a shutdown keeps its time and says what was left when the receiver", arguments: grpc)
    func overGRPC(what: String, fault: Fault) async throws { try await check(fault, .grpc) }

    private func check(_ fault: Fault, _ wire: FaultyReceiver.Wire) async throws {
        let receiver = try await FaultyReceiver.start(wire, otherwise: fault)
        let delivery = try Delivery(wire, to: receiver, inRealTime: true)
        delivery.end(0..<Delivery.spansPerBatch)
        var report = FlushReport(.completed)
        let duration = await ContinuousClock().measure {
            report = await delivery.provider.shutdown(timeout: Self.timeout)
        }
        #expect(duration >= Self.timeout && duration < Self.timeout + Self.slack)
        #expect(report == FlushReport(.timedOut, undelivered: Delivery.spansPerBatch))
        delivery.expectSum(Delivery.spansPerBatch)
        #expect(delivery.processor.counts.droppedByReason == [.shutDown: Delivery.spansPerBatch])
        // It is over: a second one has nothing to wait for but the end of the first.
        #expect(await delivery.provider.shutdown(timeout: .seconds(10)).outcome == .alreadyShutDown)
        delivery.end(4..<5)
        #expect(delivery.processor.counts.queued == 0)
        await receiver.stop()
    }
}

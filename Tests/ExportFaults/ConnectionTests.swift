// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import FaultyReceiver
import OTLPWire
import TelemetryAPI
import TelemetrySDK
import Testing

@Suite("Export: connections", .timeLimit(.minutes(1)))
struct ConnectionTests {
    private func success(_ wire: FaultyReceiver.Wire, _ ending: Answer.Ending = .keep) -> Fault {
        switch wire {
        case .http: .success(.atOnce, ending)
        case .grpc: .grpcSuccess(.init(), .atOnce, ending)
        }
    }

    @Test("batches share one connection", arguments: FaultyReceiver.Wire.allCases)
    func reused(_ wire: FaultyReceiver.Wire) async throws {
        let receiver = try await FaultyReceiver.start(wire)
        let delivery = try Delivery(wire, to: receiver)
        for batch in 0..<3 {
            delivery.end(batch..<batch + 1)
            #expect(await delivery.provider.forceFlush() == FlushReport(.completed))
        }
        #expect(await delivery.provider.shutdown() == FlushReport(.completed))
        #expect(receiver.requests.map(\.connection) == [0, 0, 0])
        #expect(receiver.connectionCount == 1)
        await receiver.stop()
    }

    @Test(
        "after a lost connection the next batch goes over another one, and nothing is lost or doubled",
        arguments: FaultyReceiver.Wire.allCases)
    func madeAgain(_ wire: FaultyReceiver.Wire) async throws {
        let receiver = try await FaultyReceiver.start(wire, [success(wire), success(wire, .closeSilently)])
        let delivery = try Delivery(wire, to: receiver, isPatient: true)
        for batch in 0..<4 {
            delivery.end(batch..<batch + 1)
            #expect(await delivery.provider.forceFlush() == FlushReport(.completed))
        }
        #expect(await delivery.provider.shutdown() == FlushReport(.completed))
        let connections = receiver.requests.map(\.connection)
        #expect(connections.prefix(2) == [0, 0])
        #expect(connections.dropFirst(2).allSatisfy { $0 > 0 } && Set(connections.dropFirst(2)).count == 1)
        #expect(receiver.spans.map(\.name) == ["0", "1", "2", "3"])
        delivery.expectSum(4)
        #expect(delivery.processor.counts.delivered == 4)
        await receiver.stop()
    }

    @Test(
        "an exporter that is asked to sends several requests at once, as several processors may share one",
        arguments: FaultyReceiver.Wire.allCases)
    func concurrent(_ wire: FaultyReceiver.Wire) async throws {
        // The first request is not answered; the second must not wait for that.
        let receiver = try await FaultyReceiver.start(wire, [.hang])
        let delivery = try Delivery(wire, to: receiver)
        let other = BatchSpanProcessor(exporter: delivery.exporter)
        let provider = TracerProvider(processors: [other])
        delivery.end(0..<1)
        async let hung = delivery.provider.forceFlush(timeout: .seconds(30))
        #expect(await eventually { receiver.requests.count == 1 })
        provider.tracer(.init("com.example.faults")).startSpan("other").end()
        #expect(await provider.forceFlush() == FlushReport(.completed))
        #expect(receiver.spans.map(\.name) == ["0", "other"])
        #expect(delivery.processor.counts.inFlight == 1)
        await delivery.exporter.shutdown()
        _ = await hung
        _ = await provider.shutdown()
        _ = await delivery.provider.shutdown()
        await receiver.stop()
    }
}

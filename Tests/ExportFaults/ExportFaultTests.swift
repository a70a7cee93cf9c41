// SPDX-License-Identifier: Apache-2.0

import Certificates
import FaultyReceiver
import Loopback
import TelemetrySDK
import Testing

@Suite("Export: faults of receivers, over real sockets", .timeLimit(.minutes(2)))
struct ExportFaultTests {
    @Test(
        "OTLP/HTTP: what arrives, what is counted, how often it is tried, when the receiver",
        arguments: HTTPFaults.all)
    func http(_ row: FaultCase) async throws { try await check(row, .http) }

    @Test(
        "OTLP/gRPC: what arrives, what is counted, how often it is tried, when the receiver",
        arguments: GRPCFaults.all)
    func grpc(_ row: FaultCase) async throws { try await check(row, .grpc) }

    @Test("a redirect to another host does not send the spans, or the authorization, there")
    func redirect() async throws {
        let other = try await FaultyReceiver.start(.http)
        let receiver = try await FaultyReceiver.start(.http, [.http(308, location: other.endpoint)])
        let delivery = try Delivery(.http, to: receiver)
        delivery.end(0..<4)
        #expect(await delivery.provider.shutdown() == FlushReport(.failed, undelivered: 4))
        #expect(other.connectionCount == 0)
        await receiver.stop()
        await other.stop()
    }

    private func check(_ row: FaultCase, _ wire: FaultyReceiver.Wire) async throws {
        let made = row.tls == nil ? nil : try await TestCertificates.make()
        let receiver = try await FaultyReceiver.start(
            wire, row.faults(), tls: try made.flatMap { try row.tls?.context($0, wire) })
        let delivery = try Delivery(
            wire, to: receiver, timeout: row.timeout, tls: made.flatMap { row.tls?.files($0) } ?? .init(),
            isPatient: row.isPatient)
        let size = Delivery.spansPerBatch
        let created = size * row.batches
        for batch in 0..<row.batches {
            delivery.end(batch * size..<(batch + 1) * size, payload: row.payload)
            if batch < row.batches - 1 { _ = await delivery.provider.forceFlush() }
        }
        let clock = ContinuousClock()
        let waitsBefore = delivery.time.sleeps.count
        var report = FlushReport(.completed)
        let duration = await clock.measure {
            report = await delivery.provider.shutdown(timeout: .seconds(20))
        }
        let outcome = row.outcome

        // What is counted.
        delivery.expectSum(created)
        let counts = delivery.processor.counts
        let (lost, reason): (Int, SpanDropReason) =
            switch outcome.counted {
            case .delivered: (0, .exportFailed)
            case .lost(let reason): (created, reason)
            case .partly(let rejected): (rejected, .rejected)
            }
        #expect(counts.droppedByReason == (lost == 0 ? [:] : [reason: lost]))
        #expect(counts.delivered == created - lost)
        #expect(report == (lost == 0 ? .init(.completed) : .init(.failed, undelivered: lost)))

        // How often it is tried.
        #expect(outcome.attempts.contains(delivery.time.sleeps.count + row.batches))
        if let waits = outcome.waits {
            try #require(delivery.time.sleeps.count == waits.count)
            for (wait, expected) in zip(delivery.time.sleeps, waits) {
                #expect(wait >= expected - outcome.tolerance && wait <= expected + outcome.tolerance)
            }
        }

        // What arrives.
        let arrivals = delivery.arrivals
        for name in 0..<created { #expect(outcome.arrivals.contains(arrivals["\(name)"] ?? 0)) }
        for request in receiver.requests {
            #expect(request.header("authorization") == Delivery.authorization)
        }

        // How long the shutdown takes, with the waits that took no time, and what a loaded machine may need.
        let leapt = row.isPatient ? [] : delivery.time.sleeps.dropFirst(waitsBefore)
        let whole = leapt.reduce(duration, +)
        #expect(whole >= row.shutdown.lowerBound - outcome.tolerance)
        #expect(whole <= row.shutdown.upperBound + outcome.tolerance + .seconds(row.isPatient ? 6 : 4))

        // What is told.
        let told = delivery.exporter.told
        if let says = outcome.says {
            #expect(told.count == 1)
            #expect(told.allSatisfy { $0.contains(says) }, "\(told)")
        } else {
            #expect(told == [])
        }
        for text in told {
            #expect(text.contains("127.0.0.1:\(receiver.port)"))
            #expect(!text.contains(Delivery.secret) && !text.contains(Delivery.querySecret), "\(text)")
        }
        await receiver.stop()
    }
}

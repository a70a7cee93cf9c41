// SPDX-License-Identifier: Apache-2.0

import ExportFixtures
import Loopback
import OTLPHTTPExporter
import Synchronization
import TelemetrySDK
import Testing

@Suite("Export: headers that are renewed, over HTTP", .timeLimit(.minutes(1)))
struct HTTPHeaderProviderTests {
    /// A store of tokens: it gives the first until it is told that this was refused.
    private final class Tokens: Sendable {
        private let state = Mutex((isRenewed: false, reasons: [OTLPHeadersReason]()))

        var reasons: [OTLPHeadersReason] { state.withLock { $0.reasons } }

        func headers(_ reason: OTLPHeadersReason) -> [String: String] {
            state.withLock { state in
                state.reasons.append(reason)
                if reason == .refused { state.isRenewed = true }
                return ["Authorization": state.isRenewed ? "Bearer token-two" : "Bearer token-one"]
            }
        }
    }

    private struct Secret: Error {
        let token = "token-three"
    }

    private func authorizations(_ receiver: LoopbackOTLPReceiver) -> [String] {
        receiver.requests.map { request in request.header("authorization") ?? "" }
    }

    @Test("a refused token is asked for anew and the batch sent once more; the next batch asks as usual")
    func renewed() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.error(401, message: "expired: token-one")])
        let tokens = Tokens()
        let exporter = try OTLPHTTPSpanExporter(
            .init(
                endpoint: receiver.endpoint, headers: [("authorization", "Bearer configured")],
                headersFrom: { tokens.headers($0) }))
        #expect(await exporter.export(.sample()).rejected == 0)
        #expect(await exporter.export(.sample()).rejected == 0)
        #expect(
            authorizations(receiver) == ["Bearer token-one", "Bearer token-two", "Bearer token-two"])
        #expect(tokens.reasons == [.request, .refused, .request])
        await exporter.shutdown()
        await receiver.stop()
    }

    @Test("a receiver that refuses the new token too is asked no third time, and no token is told")
    func refusedTwice() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([
            .error(401, message: "expired: token-one"), .error(401, message: "expired: token-one"),
        ])
        let tokens = Tokens()
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, headersFrom: { tokens.headers($0) }))
        let error = try #require(await exporter.export(.sample()).error)
        #expect(error.code == .refused)
        #expect(receiver.requests.count == 2)
        #expect(!"\(error)".contains("token-two"))
        await exporter.shutdown()
        await receiver.stop()
    }

    @Test("without a provider a refused token is not sent again")
    func noProvider() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.error(401, message: "expired: token-one")])
        let exporter = try OTLPHTTPSpanExporter(.init(endpoint: receiver.endpoint))
        #expect(await exporter.export(.sample()).error?.code == .refused)
        #expect(receiver.requests.count == 1)
        await exporter.shutdown()
        await receiver.stop()
    }

    @Test("a provider that throws fails the export, by its type alone, and nothing is sent")
    func throwing() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let time = FakeTime()
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, headersFrom: { _ in throw Secret() }),
            policy: ExportRetryPolicy(), environment: time.environment)
        let error = try #require(await exporter.export(.sample()).error)
        #expect(error.code == .noHeaders)
        #expect(error.message.hasPrefix("the header provider threw Secret, after"))
        #expect(!"\(error)".contains("token-three"))
        #expect(receiver.requests.isEmpty)
        await exporter.shutdown()
        await receiver.stop()
    }

    @Test("a provider that never answers costs no more than the timeout, and holds no shutdown up")
    func hanging() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let asked = AsyncStream.makeStream(of: Void.self)
        let never: OTLPHeaderProvider = { _ in
            asked.continuation.yield()
            // Hears of no cancellation.
            return await withCheckedContinuation { continuation in
                Hanging.kept.add([continuation])
            }
        }
        let hurried = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, timeout: .milliseconds(50), headersFrom: never))
        #expect(await hurried.export(.sample()).error?.code == .noHeaders)
        let patient = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, timeout: .zero, headersFrom: never))
        async let result = patient.export(.sample())
        for await _ in asked.stream.prefix(2) {}
        await patient.shutdown()
        #expect(await result.error?.code == .shutDown)
        #expect(receiver.requests.isEmpty)
        await hurried.shutdown()
        await receiver.stop()
    }

    @Test(
        "a header with a line break is not sent", arguments: [("a\r\nb", "1"), ("a", "1\r\nb: 2"), ("", "1")])
    func lineBreak(name: String, value: String) async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let time = FakeTime()
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, headersFrom: { _ in [name: value] }),
            policy: ExportRetryPolicy(), environment: time.environment)
        #expect(await exporter.export(.sample()).error?.code == .noHeaders)
        #expect(receiver.requests.isEmpty)
        await exporter.shutdown()
        await receiver.stop()
    }
}

/// Questions that are never answered; kept, because a continuation must not be lost.
private final class Hanging: Sendable {
    static let kept = Hanging()
    private let questions = Mutex<[CheckedContinuation<[String: String], Never>]>([])

    func add(_ new: [CheckedContinuation<[String: String], Never>]) { questions.withLock { $0 += new } }
}

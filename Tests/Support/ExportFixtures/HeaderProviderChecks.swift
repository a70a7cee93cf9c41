// SPDX-License-Identifier: Apache-2.0

import Loopback
import Synchronization
package import TelemetrySDK

/// What an exporter must do with headers that are renewed, whatever carries its requests.
package struct HeaderProviderChecks: Sendable {
    /// What some exports came to.
    package struct Outcome: Sendable {
        package var results: [ExportResult] = []
        package var authorizations: [String] = []
        /// Why the provider was asked, each time.
        package var reasons: [OTLPHeadersReason] = []
        package var requestCount = 0
    }

    private let transport: TransportUnderTest

    package init(_ transport: TransportUnderTest) { self.transport = transport }

    /// Exports to a receiver that refuses the first requests; `provides`: whether a provider renews the token.
    package func export(times: Int, refusals: Int, provides: Bool = true) async throws -> Outcome {
        let tokens = Tokens()
        let renewing: OTLPHeaderProvider = { tokens.headers($0) }
        return try await export(
            times: times, refusals: refusals, provider: provides ? renewing : nil, tokens: tokens)
    }

    /// One export with a provider of one's own.
    package func export(provider: @escaping OTLPHeaderProvider) async throws -> Outcome {
        try await export(times: 1, refusals: 0, provider: provider, tokens: Tokens())
    }

    private func export(
        times: Int, refusals: Int, provider: OTLPHeaderProvider?, tokens: Tokens
    ) async throws -> Outcome {
        let peer = try await transport.start(refusals, nil)
        let exporter = try transport.makeExporter(
            .init(
                endpoint: transport.endpoint(peer.port), headers: [("authorization", "Bearer configured")],
                headersFrom: provider), FakeTime().environment)
        var outcome = Outcome()
        for _ in 0..<times { outcome.results.append(await exporter.export(.sample())) }
        await exporter.shutdown()
        outcome.authorizations = peer.authorizations()
        outcome.reasons = tokens.reasons
        outcome.requestCount = peer.requestCount()
        await peer.stop()
        return outcome
    }

    /// Two exports with a provider that never answers: one whose own time ends it, and one that a shutdown ends.
    package func exportWithHangingProvider() async throws -> (late: Outcome, shutDown: Outcome) {
        let peer = try await transport.start(0, nil)
        let asked = AsyncStream.makeStream(of: Void.self)
        let never: OTLPHeaderProvider = { _ in
            asked.continuation.yield()
            // Hears of no cancellation.
            return await withCheckedContinuation { Unanswered.kept.add($0) }
        }
        let endpoint = transport.endpoint(peer.port)
        let hurried = try transport.makeExporter(
            .init(endpoint: endpoint, timeout: .milliseconds(50), headersFrom: never), .system)
        let late = await hurried.export(.sample())
        let patient = try transport.makeExporter(
            .init(endpoint: endpoint, timeout: .zero, headersFrom: never), .system)
        async let result = patient.export(.sample())
        for await _ in asked.stream.prefix(2) {}
        await patient.shutdown()
        let ended = await result
        await hurried.shutdown()
        let count = peer.requestCount()
        await peer.stop()
        return (.init(results: [late], requestCount: count), .init(results: [ended], requestCount: count))
    }
}

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

/// Questions that are never answered; kept, because a continuation must not be lost.
private final class Unanswered: Sendable {
    static let kept = Unanswered()
    private let questions = Mutex<[CheckedContinuation<[String: String], Never>]>([])

    func add(_ new: CheckedContinuation<[String: String], Never>) { questions.withLock { $0.append(new) } }
}

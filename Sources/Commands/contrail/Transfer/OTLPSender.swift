// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import OTLPWire
internal import TelemetryModel

/// Sends spans to a receiver of OTLP over HTTP and waits when it asks for that.
struct OTLPSender {
    /// Where `/v1/traces` is.
    let base: String

    /// How long one request is tried again while the receiver says "later", seconds.
    static let patienceSeconds = 60
    /// For one try.
    static let timeoutSeconds: Int64 = 60

    /// What became of some spans.
    struct Outcome {
        var accepted = 0
        var rejected = 0
        /// Why spans were rejected; the first reason.
        var reason = ""
    }

    func send(_ batch: [ResourceSpans], into outcome: inout Outcome) async throws(CommandFailure) {
        for piece in SpanPieces.cut(batch) { try await send(piece: piece, into: &outcome) }
    }

    private func send(piece: [ResourceSpans], into outcome: inout Outcome) async throws(CommandFailure) {
        let count = SpanPieces.spanCount(piece)
        guard count > 0 else { return }
        let body = OTLPProtobuf.encode(ExportTraceServiceRequest(resourceSpans: piece))
        let giveUp = ContinuousClock.now + .seconds(Self.patienceSeconds)
        while true {
            let answer = try await post(body)
            switch answer.status {
            case 200:
                let response = try? OTLPProtobuf.decode(
                    ExportTraceServiceResponse.self, from: answer.body, limits: .response)
                guard let response else { throw stranger }
                let rejected = Int(clamping: response.partialSuccess?.rejectedSpans ?? 0)
                outcome.accepted += max(0, count - rejected)
                outcome.rejected += rejected
                if outcome.reason.isEmpty { outcome.reason = response.partialSuccess?.errorMessage ?? "" }
                return
            case 413 where count > 1:
                let half = SpanPieces.cut(piece, spansMax: (count + 1) / 2)
                for part in half { try await send(piece: part, into: &outcome) }
                return
            // OTLP 1.11.0 specification, "OTLP/HTTP Response": "Retryable Response Codes".
            case 429, 502, 503, 504:
                guard ContinuousClock.now < giveUp else { throw refusal(answer) }
                try? await Task.sleep(for: .seconds(answer.retryAfterSeconds))
            default: throw refusal(answer)
            }
        }
    }

    private struct Answer {
        let status: UInt
        let retryAfterSeconds: Int
        let body: [UInt8]
    }

    private func post(_ body: [UInt8]) async throws(CommandFailure) -> Answer {
        var request = HTTPClientRequest(url: base + "/v1/traces")
        request.method = .POST
        request.headers.add(name: "content-type", value: "application/x-protobuf")
        request.body = .bytes(ByteBuffer(bytes: body))
        do {
            let response = try await QueryClient.http.execute(request, timeout: .seconds(Self.timeoutSeconds))
            let bytes = try await response.body.collect(upTo: WireLimits.response.messageBytes)
            let wait = response.headers.first(name: "retry-after").flatMap { Int($0) } ?? 1
            return Answer(
                status: response.status.code, retryAfterSeconds: min(max(wait, 1), 30),
                body: Array(buffer: bytes))
        } catch {
            throw CommandFailure(
                "Cannot send to \(base). Start it with 'contrail serve', or say with --to where OTLP over HTTP "
                    + "is received.")
        }
    }

    private func refusal(_ answer: Answer) -> CommandFailure {
        guard let status = try? OTLPProtobuf.decode(RPCStatus.self, from: answer.body, limits: .response),
            !status.message.isEmpty
        else { return stranger }
        return CommandFailure("\(base) answered \(answer.status): \(QueryClient.sentence(status.message))")
    }

    private var stranger: CommandFailure {
        CommandFailure(
            "\(base) answered, but not as a receiver of OTLP over HTTP does. Is it the port of the page, or "
                + "another program's?")
    }
}

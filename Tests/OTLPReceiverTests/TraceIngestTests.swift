// SPDX-License-Identifier: Apache-2.0

import NIOCore
import OTLPWire
import Synchronization
import TelemetryModel
import TelemetryStorage
import Testing

@testable import OTLPReceiver

@Suite("Trace ingest")
struct TraceIngestTests {
    private let writer = Writer()

    private func span(_ name: String, trace: UInt64 = 1, span: UInt64 = 1) -> SpanData {
        SpanData(
            traceID: TraceID(high: 0, low: trace), spanID: SpanID(value: span), name: name,
            startTimeUnixNano: 1, endTimeUnixNano: 2)
    }

    private func batch(_ scopes: [[SpanData]]) -> ResourceSpans {
        ResourceSpans(
            resource: Resource(attributes: ["service.name": "a"]),
            scopeSpans: scopes.map { ScopeSpans(scope: InstrumentationScope(name: "s"), spans: $0) })
    }

    private func ingest(
        _ batch: [ResourceSpans], as encoding: OTLPEncoding = .protobuf
    ) async throws -> ExportTraceServiceResponse {
        let request = ExportTraceServiceRequest(resourceSpans: batch)
        let bytes =
            switch encoding {
            case .protobuf: OTLPProtobuf.encode(request)
            case .json: OTLPJSON.encode(request)
            }
        let ingest = TraceIngest(writer: writer)
        return try await ingest.store(try ingest.decode(bytes.span.bytes, as: encoding))
    }

    @Test("everything valid is stored as it came, and the answer is empty", arguments: OTLPEncoding.allCases)
    func fullSuccess(encoding: OTLPEncoding) async throws {
        let sent = [batch([[span("a"), span("b", span: 2)], [span("c", span: 3)]])]
        #expect(try await ingest(sent, as: encoding).partialSuccess == nil)
        #expect(writer.batches == [sent])
    }

    @Test("an empty request succeeds without the store")
    func empty() async throws {
        #expect(try await ingest([]).partialSuccess == nil)
        #expect(try await ingest([batch([])]).partialSuccess == nil)
        #expect(writer.batches == [])
    }

    @Test("spans without valid ids are rejected, counted and explained; the rest is stored")
    func partialSuccess() async throws {
        let answer = try await ingest([
            batch([[span("no trace", trace: 0), span("good"), span("no span", span: 0)]]),
            batch([[span("no trace either", trace: 0)]]),
        ])
        #expect(answer.partialSuccess?.rejectedSpans == 3)
        #expect(
            answer.partialSuccess?.errorMessage
                == "rejected 3 spans: 2 without a valid trace id, 1 without a valid span id")
        #expect(writer.batches == [[batch([[span("good")]])]])
    }

    @Test("when nothing is left, the store is not asked")
    func allRejected() async throws {
        #expect(try await ingest([batch([[span("bad", span: 0)]])]).partialSuccess?.rejectedSpans == 1)
        #expect(writer.batches == [])
    }

    @Test(
        "what the store cannot do now may be tried again, what it cannot do at all may not",
        arguments: [
            (StorageError.unavailable("disk full"), Refusal.Reason.storeUnavailable),
            (.closed, .storeUnavailable), (.damaged("x"), .storeFailed),
        ])
    func storeErrors(error: StorageError, reason: Refusal.Reason) async throws {
        writer.error.withLock { $0 = error }
        let refusal = await #expect(throws: Refusal.self) { try await ingest([batch([[span("a")]])]) }
        #expect(refusal?.reason == reason)
        #expect(refusal?.reason.isRetryable == (reason == .storeUnavailable))
    }

    @Test("broken bytes are malformed, and the message says where", arguments: OTLPEncoding.allCases)
    func malformed(encoding: OTLPEncoding) {
        let bytes = Array("{\"resourceSpans\":".utf8)
        let refusal = #expect(throws: Refusal.self) {
            try TraceIngest(writer: writer).decode(bytes.span.bytes, as: encoding)
        }
        #expect(refusal?.reason == .malformed)
        #expect(refusal?.message.contains("at byte") == true)
    }

    @Test("more bytes than the limit are too large")
    func tooLarge() {
        let ingest = TraceIngest(writer: writer, limits: ReceiverLimits(requestBytesMax: 3))
        let bytes: [UInt8] = [1, 2, 3, 4]
        #expect(throws: Refusal.tooLarge(limit: 3)) {
            try ingest.decode(bytes.span.bytes, as: .protobuf)
        }
    }
}

@Suite("Refusals")
struct RefusalTests {
    // OTLP 1.11.0 specification: retryable are HTTP 429, 502, 503, 504 and gRPC UNAVAILABLE, among others.
    @Test("a refusal is retryable in both transports or in none", arguments: Refusal.Reason.allCases)
    func retryable(reason: Refusal.Reason) {
        #expect([429, 502, 503, 504].contains(reason.httpStatus) == reason.isRetryable)
        #expect((reason.statusCode == 14) == reason.isRetryable)
        #expect((400..<600).contains(reason.httpStatus))
    }

    @Test(
        "a content type is recognised in any case and with parameters",
        arguments: [
            ("application/x-protobuf", OTLPEncoding.protobuf), ("Application/JSON; charset=utf-8", .json),
            ("application/json;charset=UTF-8", .json), (" application/json ", .json),
            ("application/protobuf", nil), ("text/plain", nil), ("", nil), ("application/jsonx", nil),
        ])
    func contentType(text: String, expected: OTLPEncoding?) {
        #expect(OTLPEncoding(contentType: text) == expected)
    }
}

private final class Writer: SpanWriter {
    private let stored = Mutex<[[ResourceSpans]]>([])
    let error = Mutex<StorageError?>(nil)

    var batches: [[ResourceSpans]] { stored.withLock { $0 } }

    func write(_ spans: EncodedSpans) async throws(StorageError) {
        if let error = error.withLock({ $0 }) { throw error }
        do {
            let request = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: spans.bytes)
            stored.withLock { $0.append(request.resourceSpans) }
        } catch {
            Issue.record("\(error)")
        }
    }
}

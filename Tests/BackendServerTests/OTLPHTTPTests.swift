// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import GzipFixtures
import NIOCore
import NIOHTTP1
import OTLPReceiver
import OTLPWire
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("OTLP over HTTP")
struct OTLPHTTPTests {
    private let store = TestStore()
    private let protobuf: HTTPHeaders = ["content-type": "application/x-protobuf"]

    @Test(
        "spans are stored, and the answer comes in the request's encoding", arguments: OTLPEncoding.allCases)
    func success(encoding: OTLPEncoding) async throws {
        let answer = try await withBackend(store: store) {
            try await $0.export(sampleRequest(3), as: encoding)
        }
        #expect(answer.status == 200)
        #expect(answer.contentType == encoding.mediaType)
        #expect(answer.body == (encoding == .json ? Array("{}".utf8) : []))
        #expect(store.spanCount == 3)
    }

    @Test("rejected spans are counted in a partial success", arguments: OTLPEncoding.allCases)
    func partialSuccess(encoding: OTLPEncoding) async throws {
        let answer = try await withBackend(store: store) {
            try await $0.export(sampleRequest(2, bad: 3), as: encoding)
        }
        #expect(answer.status == 200)
        let partial = try #require(try answer.response().partialSuccess)
        #expect(partial.rejectedSpans == 3)
        #expect(partial.errorMessage == "rejected 3 spans: 3 without a valid trace id")
        #expect(store.spanCount == 2)
    }

    @Test("an empty body is an empty request")
    func empty() async throws {
        let answer = try await withBackend(store: store) { try await $0.ask(headers: protobuf) }
        #expect(answer.status == 200)
        #expect(answer.body == [])
    }

    @Test("the content type may carry parameters")
    func parameters() async throws {
        let answer = try await withBackend(store: store) {
            try await $0.ask(
                headers: ["content-type": "Application/JSON; charset=utf-8"],
                body: .bytes(OTLPJSON.encode(sampleRequest())))
        }
        #expect(answer.status == 200)
        #expect(store.spanCount == 1)
    }

    @Test("gzip, chunked, and both at once are read", arguments: [true, false], [true, false])
    func transferForms(isGzip: Bool, isChunked: Bool) async throws {
        let message = OTLPProtobuf.encode(sampleRequest(2_000))
        let bytes = isGzip ? gzip(message) : ByteBuffer(bytes: message)
        var headers = protobuf
        if isGzip { headers.add(name: "content-encoding", value: "gzip") }
        let body: HTTPClientRequest.Body =
            isChunked
            ? .stream(Pieces(all: bytes.pieces(of: 1_000)), length: .unknown) : .bytes(bytes)
        let answer = try await withBackend(store: store) { [headers] in
            try await $0.ask(headers: headers, body: body)
        }
        #expect(answer.status == 200)
        #expect(store.spanCount == 2_000)
    }

    @Test("an encoding of the content that is not known is 415")
    func contentEncoding() async throws {
        let answer = try await withBackend(store: store) {
            try await $0.ask(
                headers: ["content-type": "application/json", "content-encoding": "br"],
                body: .bytes(ByteBuffer(string: "{}")))
        }
        #expect(answer.status == 415)
        #expect(try answer.rpcStatus().message == "Content-Encoding must be gzip or identity")
    }

    @Test(
        "what is not right gets its status, and a google.rpc.Status in the request's encoding",
        arguments: [
            (HTTPMethod.GET, "/v1/traces", "application/json", 405),
            (.PUT, "/v1/traces", "application/json", 405),
            (.POST, "/", "application/json", 404), (.POST, "/v1/trace", "application/x-protobuf", 404),
            (.POST, "/v1/metrics", "application/x-protobuf", 404),
            (.POST, "/v1/logs", "application/json", 400),
            (.POST, "/v1/traces", "text/plain", 415), (.POST, "/v1/traces", "application/json", 400),
            (.POST, "/v1/traces", "application/x-protobuf", 400),
        ])
    func refusals(method: HTTPMethod, path: String, contentType: String, status: Int) async throws {
        let answer = try await withBackend(store: store) {
            try await $0.ask(
                method, path, headers: ["content-type": contentType],
                body: method == .GET ? nil : .bytes(ByteBuffer(string: "{\"resourceSpans\": oh")))
        }
        #expect(answer.status == status)
        let isProtobuf = contentType == "application/x-protobuf"
        #expect(answer.contentType == (isProtobuf ? contentType : "application/json"))
        #expect(try answer.rpcStatus().message.isEmpty == false)
        #expect(answer.headers.first(name: "allow") == (status == 405 ? "POST" : nil))
        #expect(answer.headers.first(name: "retry-after") == nil)
        #expect(store.spanCount == 0)
    }

    @Test(
        "a malformed body gets a BadRequest that names the field and the byte",
        arguments: OTLPEncoding.allCases)
    func badRequest(encoding: OTLPEncoding) async throws {
        // resourceSpans[0] { scopeSpans[0] { a length that is not there
        let body =
            encoding == .json
            ? ByteBuffer(string: #"{"resourceSpans":[{"scopeSpans":[{"spans":7}]}]}"#)
            : ByteBuffer(bytes: [0x0a, 0x03, 0x12, 0x7f, 0x00])
        let answer = try await withBackend(store: store) {
            try await $0.ask(headers: ["content-type": encoding.mediaType], body: .bytes(body))
        }
        #expect(answer.status == 400)
        let violation = try #require(try answer.rpcStatus().badRequest?.fieldViolations.first)
        #expect(violation.field.hasPrefix("resourceSpans"))
        #expect(violation.description.contains("at byte "))
    }

    @Test("metrics are told that they are not stored, for good", arguments: ["metrics"])
    func otherSignals(signal: String) async throws {
        let answer = try await withBackend(store: store) { try await $0.ask(.POST, "/v1/\(signal)") }
        let status = try answer.rpcStatus()
        #expect(status.code == 12)
        #expect(status.message.contains("stores traces and logs for now"))
        #expect(status.message.contains("OTEL_\(signal.uppercased())_EXPORTER=none"))
    }

    @Test(
        "a body over the limit is 413, announced or not, plain or gzip", arguments: [true, false],
        [true, false])
    func tooLarge(isGzip: Bool, isChunked: Bool) async throws {
        let message = [UInt8](repeating: 0, count: 200_001)
        let bytes = isGzip ? gzip(message) : ByteBuffer(bytes: message)
        var headers = protobuf
        if isGzip { headers.add(name: "content-encoding", value: "gzip") }
        let body: HTTPClientRequest.Body =
            isChunked ? .stream(Pieces(all: bytes.pieces(of: 50_000)), length: .unknown) : .bytes(bytes)
        let (answer, next) = try await withBackend(store: store) {
            $0.limits.requestBytesMax = 200_000
        } _: { [headers] backend in
            (
                try await backend.ask(headers: headers, body: body),
                try await backend.export(sampleRequest())
            )
        }
        #expect(answer.status == 413)
        #expect(try answer.rpcStatus().code == 8)
        #expect(try answer.rpcStatus().message.contains("200000 bytes"))
        #expect(next.status == 200)
    }

    @Test("gzip that is cut off or is none is 400")
    func brokenGzip() async throws {
        let whole = gzip(OTLPProtobuf.encode(sampleRequest(100)))
        let half = try #require(whole.getSlice(at: 0, length: whole.readableBytes / 2))
        var headers = protobuf
        headers.add(name: "content-encoding", value: "gzip")
        try await withBackend(store: store) { [headers] backend in
            for body in [half, ByteBuffer(string: "not gzip")] {
                let answer = try await backend.ask(headers: headers, body: .bytes(body))
                #expect(answer.status == 400)
                #expect(try answer.rpcStatus().message.contains("gzip"))
            }
        }
        #expect(store.spanCount == 0)
    }

    @Test("a store that cannot write now is 503 with Retry-After and RetryInfo")
    func unavailable() async throws {
        let answer = try await withBackend(store: TestStore(failing: .unavailable("disk full"))) {
            try await $0.export(sampleRequest())
        }
        #expect(answer.status == 503)
        #expect(answer.headers.first(name: "retry-after") == "1")
        let status = try answer.rpcStatus()
        #expect(status.code == 14)
        #expect(status.retryInfo?.retryDelay == .seconds(1))
        #expect(status.message == "the store is not available now: disk full")
    }

    @Test("a store that failed is 500, which is not retried")
    func failed() async throws {
        let answer = try await withBackend(store: TestStore(failing: .damaged("block 7"))) {
            try await $0.export(sampleRequest())
        }
        #expect(answer.status == 500)
        #expect(answer.headers.first(name: "retry-after") == nil)
    }

    @Test("what does not fit beside the requests under way is 429, and is taken when they are done")
    func overloaded() async throws {
        let held = TestStore(held: true)
        let bytes = OTLPProtobuf.encode(sampleRequest(100))
        try await withBackend(store: held) {
            $0.limits.requestBytesInFlightMax = bytes.count + 10
        } _: { backend in
            async let first = backend.export(sampleRequest(100))
            await held.writeBegan.wait()
            let second = try await backend.export(sampleRequest(100))
            #expect(second.status == 429)
            #expect(second.headers.first(name: "retry-after") == "1")
            held.mayEnd.open()
            let status = try await first.status
            #expect(status == 200)
            #expect(try await backend.export(sampleRequest(100)).status == 200)
        }
        #expect(held.spanCount == 200)
    }

    @Test("a client that leaves in the middle of a body leaves nothing behind", arguments: [true, false])
    func cutBody(isChunked: Bool) async throws {
        let message = OTLPProtobuf.encode(sampleRequest(1))
        try await withBackend(store: store) { backend in
            // The first span is whole: only the announced length tells that more was to come.
            let length =
                isChunked ? "transfer-encoding: chunked" : "content-length: \(message.count * 2)"
            let head =
                "POST /v1/traces HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n"
                + "\(length)\r\n\r\n"
            var bytes = ByteBuffer(string: head)
            if isChunked { bytes.writeString("\(String(message.count, radix: 16))\r\n") }
            bytes.writeBytes(message)
            try await sendAndLeave(bytes, to: backend.port(.http))
            #expect(try await backend.export(sampleRequest(2)).status == 200)
        }
        #expect(store.spanCount == 2)
    }
}

/// Buffers as an asynchronous sequence.
private struct Pieces: AsyncSequence, Sendable {
    let all: [ByteBuffer]

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>
        mutating func next() async throws -> ByteBuffer? { rest.popFirst() }
    }

    func makeAsyncIterator() -> Iterator { Iterator(rest: all[...]) }
}

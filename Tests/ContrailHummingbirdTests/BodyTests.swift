// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ContrailHummingbird
import ContrailTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import TelemetryModel
import Testing
import Tracing

@Suite("Bodies under a server span")
struct BodyTests {
    private struct SourceFailed: Error {}

    private static func router(_ telemetry: TestTelemetry?) -> Router<BasicRequestContext> {
        let router = Router()
        if let telemetry { router.add(middleware: TelemetryMiddleware(tracer: telemetry.tracer)) }
        router.get("text") { _, _ in "seven" }
        router.get("empty") { _, _ in Response(status: .noContent, headers: [.eTag: "\"1\""]) }
        router.get("sized") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody(contentLength: 6) { writer in
                    try await writer.write(ByteBuffer(string: "abc"))
                    try await writer.write(ByteBuffer(string: "def"))
                    try await writer.finish(nil)
                })
        }
        router.get("chunked") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(contentsOf: [ByteBuffer(string: "a"), ByteBuffer(string: "b")])
                    try await writer.finish(nil)
                })
        }
        router.head("text") { _, _ in Response(status: .ok, headers: [.contentLength: "5"]) }
        router.post("echo") { request, _ in Response(status: .ok, body: .init(asyncSequence: request.body)) }
        return router
    }

    @Test(
        "status, headers and body pass through unchanged",
        arguments: [
            ("/text", .get), ("/empty", .get), ("/sized", .get), ("/chunked", .get), ("/text", .head),
            ("/echo", .post), ("/nowhere", .get),
        ] as [(String, HTTPRequest.Method)])
    func unchanged(uri: String, method: HTTPRequest.Method) async throws {
        func response(_ telemetry: TestTelemetry?) async throws -> TestResponse {
            try await Application(router: Self.router(telemetry)).test(.live) { client in
                let body = method == .post ? ByteBuffer(string: "an echo") : nil
                return try await client.execute(uri: uri, method: method, body: body)
            }
        }
        let telemetry = TestTelemetry()
        let plain = try await response(nil)
        let traced = try await response(telemetry)
        #expect(traced.status == plain.status)
        #expect(traced.body == plain.body)
        #expect(traced.headers.filter { $0.name != .date } == plain.headers.filter { $0.name != .date })
        #expect(telemetry.finishedSpans.count == 1)
    }

    @Test("a streamed body keeps the span open until its last byte, and is written inside the span")
    func streaming() async throws {
        let telemetry = TestTelemetry()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let router = Self.router(telemetry)
        router.get("stream") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "first"))
                    for await _ in gate { break }
                    telemetry.tracer.withSpan("in body") { _ in }
                    try await writer.write(ByteBuffer(string: "last"))
                    try await writer.finish(nil)
                })
        }
        try await Application(router: router).test(.live) { client in
            let port = try #require(client.port)
            try await Self.withClient { http in
                let answer = try await http.execute(
                    HTTPClientRequest(url: "http://localhost:\(port)/stream"), timeout: .seconds(20))
                var body = answer.body.makeAsyncIterator()
                let first = try await body.next()
                #expect(first == ByteBuffer(string: "first"))
                #expect(telemetry.finishedSpans.isEmpty)
                open.yield()
                var rest = ByteBuffer()
                while let buffer = try await body.next() { rest.writeImmutableBuffer(buffer) }
                #expect(rest == ByteBuffer(string: "last"))
            }
        }
        let spans = telemetry.finishedSpans
        #expect(spans.map(\.name) == ["in body", "GET /stream"])
        #expect(spans.first?.parentSpanID == spans.last?.spanID)
        #expect(spans.last?.status.code == .unset)
    }

    @Test("a client that leaves ends the span, once and as an error")
    func clientLeaves() async throws {
        let telemetry = TestTelemetry()
        let (ended, end) = AsyncStream.makeStream(of: Void.self)
        let router = Self.router(telemetry)
        router.get("endless") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    defer { end.finish() }
                    while true { try await writer.write(ByteBuffer(repeating: 0x61, count: 65_536)) }
                })
        }
        try await Application(router: router).test(.live) { client in
            let port = try #require(client.port)
            try await Self.withClient { http in
                let answer = try await http.execute(
                    HTTPClientRequest(url: "http://localhost:\(port)/endless"), timeout: .seconds(20))
                for try await _ in answer.body { break }
            }
            for await _ in ended {}
        }
        let spans = telemetry.finishedSpans
        #expect(spans.map(\.name) == ["GET /endless"])
        #expect(spans.first?.status.code == .error)
        #expect(spans.first?.attributes["http.response.status_code"] == 200)
        #expect(spans.first?.attributes["error.type"] != nil)
    }

    @Test("a body whose source fails is an error of the span, though the status was sent")
    func sourceFails() async throws {
        let telemetry = TestTelemetry()
        let router = Self.router(telemetry)
        router.get("failing") { _, _ in
            Response(
                status: .ok,
                body: ResponseBody { writer in
                    try await writer.write(ByteBuffer(string: "half"))
                    throw SourceFailed()
                })
        }
        try await Application(router: router).test(.live) { client in
            let port = try #require(client.port)
            try await Self.withClient { http in
                let answer = try await http.execute(
                    HTTPClientRequest(url: "http://localhost:\(port)/failing"), timeout: .seconds(20))
                await #expect(throws: (any Error).self) { for try await _ in answer.body {} }
            }
        }
        let span = try #require(telemetry.finishedSpans.first)
        #expect(telemetry.finishedSpans.count == 1)
        #expect(span.attributes["error.type"] == .string(String(reflecting: SourceFailed.self)))
        #expect(span.status.code == .error)
    }

    @Test("a response thrown away by a middleware further out still ends its span")
    func droppedResponse() async throws {
        struct Replacing: RouterMiddleware {
            func handle(
                _ request: Request, context: BasicRequestContext,
                next: (Request, BasicRequestContext) async throws -> Response
            ) async throws -> Response {
                _ = try await next(request, context)
                return Response(status: .gone)
            }
        }
        let telemetry = TestTelemetry()
        let router = Router()
        router.add(middleware: Replacing())
        router.add(middleware: TelemetryMiddleware(tracer: telemetry.tracer))
        router.get("text") { _, _ in "seven" }
        try await Application(router: router).test(.live) { client in
            let answer = try await client.execute(uri: "/text", method: .get)
            #expect(answer.status == .gone)
        }
        #expect(telemetry.finishedSpans.map(\.name) == ["GET /text"])
    }

    /// A client of its own, without spans, shut down at the end.
    private static func withClient(_ body: (HTTPClient) async throws -> Void) async throws {
        var configuration = HTTPClient.Configuration()
        configuration.tracing.tracer = nil
        let client = HTTPClient(configuration: configuration)
        do {
            try await body(client)
        } catch {
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }
}

// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ContrailHTTPClient
import ContrailTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import NIOHTTP1
import TelemetryModel
import TelemetryPropagators
import Testing
import Tracing

@Suite("Client spans")
struct ClientSpanTests {
    /// Sends requests to a real server on the loopback; gives what `body` gives and the finished spans.
    private func send<Value: Sendable>(
        followingRedirects: Bool = true,
        _ body:
            @Sendable (_ client: HTTPClient, _ url: String, _ telemetry: TestTelemetry) async throws -> Value
    ) async throws -> (value: Value, spans: [SpanData]) {
        let telemetry = TestTelemetry(propagator: W3CTraceContextPropagator())
        let router = Router()
        router.get("headers") { request, _ in
            request.headers.map { "\($0.name.canonicalName): \($0.value)" }.joined(separator: "\n")
        }
        router.post("status/{code}") { _, context in
            Response(status: .init(code: try context.parameters.require("code", as: Int.self)))
        }
        router.get("moved") { _, _ in Response(status: .found, headers: [.location: "/headers"]) }
        router.get("never") { _, _ in
            for await _ in AsyncStream<Void>.makeStream().stream {}
            return "cancelled"
        }
        let value = try await Application(router: router).test(.live) { server in
            let port = try #require(server.port)
            let client = HTTPClient(configuration: HTTPClient.Configuration().traced(by: telemetry.tracer))
            do {
                let value = try await body(client, "http://127.0.0.1:\(port)", telemetry)
                try await client.shutdown()
                return value
            } catch {
                try? await client.shutdown()
                throw error
            }
        }
        return (value, telemetry.finishedSpans)
    }

    private static func text(_ answer: HTTPClientResponse) async throws -> String {
        String(buffer: try await answer.body.collect(upTo: 65_536))
    }

    @Test("a request is a client span named by its method, with the stable attributes and no others")
    func attributes() async throws {
        let (url, spans) = try await send { client, url, _ in
            _ = try await client.execute(
                HTTPClientRequest(url: "\(url)/headers?a=1&sig=secret"), timeout: .seconds(20))
            return url
        }
        let span = try #require(spans.first)
        #expect(spans.count == 1)
        #expect(span.name == "GET")
        #expect(span.kind == .client)
        #expect(span.status.code == .unset)
        #expect(span.attributes["http.request.method"] == "GET")
        #expect(span.attributes["url.full"] == .string("\(url)/headers?a=1&sig=REDACTED"))
        #expect(span.attributes["server.address"] == "127.0.0.1")
        #expect(span.attributes["server.port"] == .int(Int64(url.split(separator: ":").last ?? "") ?? 0))
        #expect(span.attributes["http.response.status_code"] == 200)
        #expect(span.attributes.count == 5, "\(span.attributes)")
    }

    @Test("the span's context is in the headers, once, in place of one that was there")
    func injects() async throws {
        let (text, spans) = try await send { client, url, telemetry in
            try await telemetry.tracer.withSpan("caller") { _ in
                var request = HTTPClientRequest(url: "\(url)/headers")
                request.headers.add(
                    name: "traceparent", value: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
                return try await Self.text(client.execute(request, timeout: .seconds(20)))
            }
        }
        let span = try #require(spans.first { $0.kind == .client })
        let caller = try #require(spans.first { $0.name == "caller" })
        #expect(span.parentSpanID == caller.spanID)
        let sent = text.split(separator: "\n").filter { $0.hasPrefix("traceparent:") }
        #expect(sent.count == 1)
        #expect(sent.first?.hasPrefix("traceparent: 00-\(span.traceID)-\(span.spanID)-") == true)
    }

    @Test("4xx and 5xx are errors with the status as their type", arguments: [400, 404, 500, 503])
    func errorStatus(status: Int) async throws {
        let (_, spans) = try await send { client, url, _ in
            var request = HTTPClientRequest(url: "\(url)/status/\(status)")
            request.method = .POST
            _ = try await client.execute(request, timeout: .seconds(20))
        }
        let span = try #require(spans.first)
        #expect(span.name == "POST")
        #expect(span.attributes["http.response.status_code"] == .int(Int64(status)))
        #expect(span.attributes["error.type"] == .string("\(status)"))
        #expect(span.status == SpanStatus(code: .error))
    }

    @Test("a connection that fails is an error with the kind of the failure as its type")
    func refused() async throws {
        let (_, spans) = try await send { client, _, _ in
            // Port 1 of the loopback: nobody listens there.
            await #expect(throws: (any Error).self) {
                try await client.execute(HTTPClientRequest(url: "http://127.0.0.1:1/"), timeout: .seconds(20))
            }
        }
        let span = try #require(spans.first)
        #expect(span.status.code == .error)
        #expect(span.attributes["error.type"] != nil)
        #expect(span.attributes["http.response.status_code"] == nil)
        #expect(span.events.map(\.name) == ["exception"])
    }

    @Test("a request that its caller cancels is no error")
    func cancelled() async throws {
        let (_, spans) = try await send { client, url, _ in
            let (started, start) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                var request = HTTPClientRequest(url: "\(url)/never")
                // The body's stream is asked for bytes when the request is under way.
                request.method = .POST
                request.body = .stream(Starting(start: start), length: .unknown)
                _ = try await client.execute(request, timeout: .seconds(20))
            }
            for await _ in started { break }
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
        }
        let span = try #require(spans.first)
        #expect(span.status.code == .unset)
        #expect(span.attributes["error.type"] == nil)
        #expect(span.events.isEmpty)
    }

    @Test("user and password never reach the span")
    func userInformation() async throws {
        let (_, spans) = try await send { client, url, _ in
            let secret = url.replacing("http://", with: "http://user:hunter2@")
            _ = try await client.execute(HTTPClientRequest(url: "\(secret)/headers"), timeout: .seconds(20))
        }
        #expect(spans.count == 1)
        #expect(!"\(spans)".contains("hunter2"))
    }

    @Test("redirects stay inside one span: the URL first asked for, the status last received")
    func redirect() async throws {
        let (url, spans) = try await send { client, url, _ in
            _ = try await client.execute(HTTPClientRequest(url: "\(url)/moved"), timeout: .seconds(20))
            return url
        }
        #expect(spans.count == 1)
        #expect(spans.first?.attributes["url.full"] == .string("\(url)/moved"))
        #expect(spans.first?.attributes["http.response.status_code"] == 200)
    }

    @Test("an unknown method is _OTHER, and HTTP in the name")
    func unknownMethod() async throws {
        let (_, spans) = try await send { client, url, _ in
            var request = HTTPClientRequest(url: "\(url)/headers")
            request.method = .RAW(value: "BREW")
            _ = try await client.execute(request, timeout: .seconds(20))
        }
        #expect(spans.first?.name == "HTTP")
        #expect(spans.first?.attributes["http.request.method"] == "_OTHER")
        #expect(spans.first?.attributes["http.request.method_original"] == "BREW")
    }
}

/// A body that says when its first byte is asked for, and has none until it is cancelled.
private struct Starting: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    let start: AsyncStream<Void>.Continuation

    struct AsyncIterator: AsyncIteratorProtocol {
        let start: AsyncStream<Void>.Continuation

        mutating func next() async throws -> ByteBuffer? {
            start.yield()
            for await _ in AsyncStream<Void>.makeStream().stream {}
            throw CancellationError()
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(start: start) }
}

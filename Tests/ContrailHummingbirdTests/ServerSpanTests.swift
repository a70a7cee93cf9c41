// SPDX-License-Identifier: Apache-2.0

import ContrailHummingbird
import ContrailTesting
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import TelemetryModel
import TelemetryPropagators
import TelemetrySDK
import Testing
import Tracing

@Suite("Server spans")
struct ServerSpanTests {
    private struct Broken: Error {}

    private func application(_ telemetry: TestTelemetry) -> some ApplicationProtocol {
        let router = Router()
        router.add(
            middleware: TelemetryMiddleware(
                tracer: telemetry.tracer, recordingRequestHeaders: [.accept, .authorization, .cookie],
                recordingResponseHeaders: [.contentType, .setCookie]))
        router.get("quote/{sku}") { _, _ in "7" }
        router.get("broken") { _, _ -> String in throw Broken() }
        router.get("refused") { _, _ -> String in throw HTTPError(.unprocessableContent) }
        router.get("bad-gateway") { _, _ -> String in throw HTTPError(.badGateway) }
        router.get("unavailable") { _, _ in
            Response(
                status: .serviceUnavailable, headers: [.contentType: "text/plain", .setCookie: "id=secret"])
        }
        router.get("child") { _, _ in telemetry.tracer.withSpan("child") { _ in "done" } }
        return Application(router: router)
    }

    /// The server span of one request.
    private func span(
        _ uri: String, method: HTTPRequest.Method = .get, headers: HTTPFields = [:]
    ) async throws -> SpanData {
        let telemetry = TestTelemetry(propagator: W3CTraceContextPropagator())
        try await application(telemetry).test(.live) { client in
            _ = try await client.execute(uri: uri, method: method, headers: headers)
        }
        let spans = telemetry.finishedSpans.filter { $0.kind == .server }
        #expect(spans.count == 1)
        return try #require(spans.first)
    }

    @Test("a matched request is named by method and route and carries the stable attributes")
    func matched() async throws {
        let span = try await span("/quote/tea?unit=kg&sig=secret", headers: [.userAgent: "test/1"])
        #expect(span.name == "GET /quote/{sku}")
        #expect(span.attributes["http.request.method"] == "GET")
        #expect(span.attributes["http.route"] == "/quote/{sku}")
        #expect(span.attributes["http.response.status_code"] == 200)
        #expect(span.attributes["url.scheme"] == "http")
        #expect(span.attributes["url.path"] == "/quote/tea")
        #expect(span.attributes["url.query"] == "unit=kg&sig=REDACTED")
        #expect(span.attributes["server.address"] == "localhost")
        #expect(span.attributes["user_agent.original"] == "test/1")
        #expect(span.attributes["error.type"] == nil)
        #expect(span.status.code == .unset)
        #expect(span.parentSpanID == nil)
    }

    @Test("a rule drops health checks by their route, and what runs below them")
    func healthChecks() async throws {
        let rules = ComposableRuleBasedSampler([
            .init(SpanCondition(route: "/child"), ComposableAlwaysOffSampler()),
            .init(.everything, ComposableAlwaysOnSampler()),
        ])
        let telemetry = TestTelemetry(sampler: ParentBasedSampler(root: CompositeSampler(rules)))
        try await application(telemetry).test(.live) { client in
            for uri in ["/child", "/child/", "/quote/tea"] {
                _ = try await client.execute(uri: uri, method: .get)
            }
        }
        #expect(telemetry.finishedSpans.map(\.name) == ["GET /quote/{sku}"])
    }

    @Test("the route keeps the slash that the request ends with")
    func trailingSlash() async throws {
        #expect(try await span("/quote/tea/").name == "GET /quote/{sku}/")
    }

    @Test("a request without a route is named by its method alone, and 404 is no error of the server")
    func unmatched() async throws {
        let span = try await span("/wp-login.php")
        #expect(span.name == "GET")
        #expect(span.attributes["http.route"] == nil)
        #expect(span.attributes["http.response.status_code"] == 404)
        #expect(span.status.code == .unset)
    }

    @Test("an unknown method is _OTHER, and HTTP in the name")
    func unknownMethod() async throws {
        let method = try #require(HTTPRequest.Method("PROPFIND"))
        let span = try await span("/quote/tea", method: method)
        #expect(span.name == "HTTP")
        #expect(span.attributes["http.request.method"] == "_OTHER")
        #expect(span.attributes["http.request.method_original"] == "PROPFIND")
    }

    @Test("an error that is no answer becomes 500 with its type")
    func thrown() async throws {
        let span = try await span("/broken")
        #expect(span.name == "GET /broken")
        #expect(span.attributes["http.response.status_code"] == 500)
        #expect(span.attributes["error.type"] == .string(String(reflecting: Broken.self)))
        #expect(span.status.code == .error)
        #expect(span.events.map(\.name) == ["exception"])
    }

    @Test("an error that is an answer gives its status: 4xx is none of the server's, 5xx is")
    func thrownAnswers() async throws {
        let refused = try await span("/refused")
        #expect(refused.attributes["http.response.status_code"] == 422)
        #expect(refused.attributes["error.type"] == nil)
        #expect(refused.status.code == .unset)
        #expect(refused.events.isEmpty)
        let bad = try await span("/bad-gateway")
        #expect(bad.attributes["http.response.status_code"] == 502)
        #expect(bad.attributes["error.type"] == "502")
        #expect(bad.status.code == .error)
    }

    @Test("an answer with 5xx is an error with the status as its type")
    func unavailable() async throws {
        let span = try await span("/unavailable")
        #expect(span.attributes["http.response.status_code"] == 503)
        #expect(span.attributes["error.type"] == "503")
        #expect(span.status == SpanStatus(code: .error))
    }

    @Test("headers are recorded when asked for, secrets never")
    func headers() async throws {
        let span = try await span(
            "/unavailable",
            headers: [.accept: "text/html", .authorization: "Bearer hunter2", .cookie: "session=hunter2"])
        #expect(span.attributes["http.request.header.accept"] == ["text/html"])
        #expect(span.attributes["http.response.header.content-type"] == ["text/plain"])
        #expect(!"\(span)".contains("hunter2"))
        #expect(!"\(span)".contains("id=secret"))
    }

    @Test("behind a proxy, address, scheme and client are those that the proxy saw")
    func forwarded() async throws {
        let xForwardedFor = try #require(HTTPField.Name("X-Forwarded-For"))
        let xForwardedProto = try #require(HTTPField.Name("X-Forwarded-Proto"))
        let xForwardedHost = try #require(HTTPField.Name("X-Forwarded-Host"))
        let span = try await span(
            "/quote/tea",
            headers: [
                xForwardedFor: "192.0.2.7, 10.0.0.1", xForwardedProto: "https",
                xForwardedHost: "shop.example:8443",
            ])
        #expect(span.attributes["client.address"] == "192.0.2.7")
        #expect(span.attributes["url.scheme"] == "https")
        #expect(span.attributes["server.address"] == "shop.example")
        #expect(span.attributes["server.port"] == 8443)
    }

    @Test("the span is current for the handler")
    func current() async throws {
        let telemetry = TestTelemetry(propagator: W3CTraceContextPropagator())
        try await application(telemetry).test(.live) { client in
            _ = try await client.execute(uri: "/child", method: .get)
        }
        let spans = telemetry.finishedSpans
        let server = try #require(spans.first { $0.kind == .server })
        let child = try #require(spans.first { $0.name == "child" })
        #expect(child.parentSpanID == server.spanID)
        #expect(child.traceID == server.traceID)
    }

    @Test("the caller's trace goes on, its state joined from several fields")
    func continues() async throws {
        let traceparent = try #require(HTTPField.Name("traceparent"))
        let tracestate = try #require(HTTPField.Name("tracestate"))
        var headers: HTTPFields = [traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"]
        headers.append(HTTPField(name: tracestate, value: "one=1"))
        headers.append(HTTPField(name: tracestate, value: "two=2"))
        let span = try await span("/quote/tea", headers: headers)
        #expect("\(span.traceID)" == "4bf92f3577b34da6a3ce929d0e0e4736")
        #expect(span.parentSpanID.map { "\($0)" } == "00f067aa0ba902b7")
        #expect(span.traceState.filter { $0 != " " } == "one=1,two=2")
    }

    @Test(
        "a header that is no traceparent starts a trace of its own",
        arguments: [
            "", "garbage", "00-0-0-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01, 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ])
    func garbage(header: String) async throws {
        let traceparent = try #require(HTTPField.Name("traceparent"))
        let span = try await span("/quote/tea", headers: [traceparent: header])
        #expect(span.parentSpanID == nil)
        #expect(span.attributes["http.response.status_code"] == 200)
    }
}

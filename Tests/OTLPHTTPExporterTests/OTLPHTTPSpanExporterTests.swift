// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ExportFixtures
import Loopback
import OTLPHTTPExporter
import OTLPWire
import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Export: OTLP/HTTP over real sockets", .timeLimit(.minutes(1)))
struct OTLPHTTPSpanExporterTests {
    private func withExporter<Result>(
        to endpoint: String, headers: [(String, String)] = [], timeout: Duration = .seconds(10),
        environment: RetryEnvironment = .system, _ body: (OTLPHTTPSpanExporter) async throws -> Result
    ) async throws -> Result {
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: endpoint, headers: headers, timeout: timeout), policy: ExportRetryPolicy(),
            environment: environment)
        let result: Result
        do {
            result = try await body(exporter)
        } catch {
            await exporter.shutdown()
            throw error
        }
        await exporter.shutdown()
        return result
    }

    @Test("a batch arrives as one request in protobuf, with the exporter's name and the given headers")
    func delivers() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let headers = [("authorization", "Bearer abc"), ("x-team", "a"), ("x-team", "b")]
        let result = try await withExporter(to: receiver.endpoint, headers: headers) {
            await $0.export(.sample("first"))
        }
        #expect(result.rejected == 0)
        let request = try #require(receiver.requests.first)
        #expect(receiver.requests.count == 1)
        #expect(request.method == "POST")
        #expect(request.uri == "/v1/traces")
        #expect(request.header("content-type") == "application/x-protobuf")
        #expect(request.header("authorization") == "Bearer abc")
        #expect(request.headers.filter { $0.0 == "x-team" }.map(\.1) == ["a", "b"])
        let agent = try #require(request.header("user-agent"))
        #expect(agent.contains("OTel-OTLP-Exporter-Swift/"))
        #expect(request.header("traceparent") == nil)
        #expect(try request.traces().resourceSpans == SpanBatch.sample("first").resourceSpans)
        await receiver.stop()
    }

    @Test("a user agent of one's own stands before the exporter's")
    func ownUserAgent() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        let headers = [("User-Agent", "shop/2.1")]
        _ = try await withExporter(to: receiver.endpoint, headers: headers) { await $0.export(.sample()) }
        let agents = receiver.requests.first?.headers.filter { $0.0.lowercased() == "user-agent" }.map(\.1)
        #expect(agents == ["shop/2.1 \(ExporterIdentity.userAgent)"])
        await receiver.stop()
    }

    @Test("it keeps the contract of exporters")
    func contract() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        try await SpanExporterContract.check {
            try OTLPHTTPSpanExporter(.init(endpoint: "\(receiver.endpoint)?key=secret"))
        }
        await receiver.stop()
    }

    @Test("the endpoint is used as it is, nothing appended")
    func verbatim() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        _ = try await withExporter(to: "http://127.0.0.1:\(receiver.port)/in?key=1") {
            await $0.export(.sample())
        }
        #expect(receiver.requests.map(\.uri) == ["/in?key=1"])
        await receiver.stop()
    }

    @Test("what is no URL is refused when the exporter is made")
    func invalidEndpoint() {
        #expect(throws: InvalidEndpoint.self) { try OTLPHTTPSpanExporter(.init(endpoint: "collector:4318")) }
    }

    @Test("batches share one connection")
    func reusesConnection() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        try await withExporter(to: receiver.endpoint) { exporter in
            for index in 0..<5 { #expect(await exporter.export(.sample("\(index)")).rejected == 0) }
        }
        #expect(receiver.connectionCount == 1)
        #expect(receiver.spans.map(\.name) == ["0", "1", "2", "3", "4"])
        await receiver.stop()
    }

    @Test("an empty batch is not sent")
    func empty() async throws {
        let receiver = try await LoopbackOTLPReceiver.start()
        #expect(
            try await withExporter(to: receiver.endpoint) { await $0.export(SpanBatch([])) }.rejected == 0)
        #expect(receiver.requests.isEmpty)
        await receiver.stop()
    }

    @Test("429, 502, 503 and 504 are tried again until they succeed", arguments: [429, 502, 503, 504])
    func retries(status: Int) async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.error(status), .error(status)])
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(result.rejected == 0)
        #expect(receiver.requests.count == 3)
        #expect(Set(receiver.requests.map(\.body)).count == 1)
        #expect(time.sleeps == [.milliseconds(500), .seconds(1)])
        await receiver.stop()
    }

    @Test(
        "no other status is tried again, and its message is told",
        arguments: [301, 307, 400, 401, 403, 404, 405, 408, 413, 415, 500, 501, 505])
    func doesNotRetry(status: Int) async throws {
        let receiver = try await LoopbackOTLPReceiver.start([
            .error(status, message: "because", retryAfter: "1")
        ])
        let result = try await withExporter(to: receiver.endpoint) { await $0.export(.sample()) }
        let error = try #require(result.error)
        #expect(error.code == (status == 413 ? .tooLarge : .refused))
        #expect(error.message == "HTTP \(status): because")
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("Retry-After is waited for")
    func retryAfter() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.error(503, retryAfter: "4")])
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(result.rejected == 0)
        #expect(time.sleeps == [.seconds(4)])
        await receiver.stop()
    }

    @Test("a Retry-After beyond the timeout ends the batch at once")
    func retryAfterTooLong() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.error(429, retryAfter: "3600")])
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(result.error?.code == .refused)
        #expect(time.sleeps == [])
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("a receiver that stays unwilling is given up within the timeout")
    func givesUp() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: .error(503))
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(try #require(result.error).message.hasSuffix("after 5 attempts"))
        #expect(time.now < .seconds(10))
        await receiver.stop()
    }

    @Test("a connection that is closed without an answer is tried again")
    func disconnect() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.disconnect])
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(result.rejected == 0)
        #expect(receiver.requests.count == 2)
        await receiver.stop()
    }

    @Test("where nobody listens the batch fails in time, and nothing crashes")
    func nobodyListens() async throws {
        let port = try UnansweredPort()
        let time = FakeTime()
        let result = try await withExporter(
            to: "http://127.0.0.1:\(port.number)/v1/traces", environment: time.environment
        ) { await $0.export(.sample()) }
        #expect(result.error?.code == .unreachable)
        #expect(time.sleeps.count >= 3)
        withExtendedLifetime(port) {}
    }

    @Test("partial success counts what was rejected and is not tried again")
    func partialSuccess() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.partial(rejected: 1, message: "bad id")])
        let result = try await withExporter(to: receiver.endpoint) { await $0.export(.sample()) }
        guard case .success(let rejected, let message) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(rejected == 1 && message == "\(receiver.endpoint): bad id")
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("an answer that cannot be read does not send the spans twice")
    func unreadableSuccess() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([.answer(status: 200, body: [0xff, 0xff])])
        #expect(try await withExporter(to: receiver.endpoint) { await $0.export(.sample()) }.rejected == 0)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("a response over 4 MiB is a failure that is not tried again")
    func longResponse() async throws {
        let body = [UInt8](repeating: 0, count: 4 << 20 + 1)
        let receiver = try await LoopbackOTLPReceiver.start([.answer(status: 200, body: body)])
        let result = try await withExporter(to: receiver.endpoint) { await $0.export(.sample()) }
        #expect(result.error?.code == .badResponse)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("a receiver that says nothing costs no more than the timeout")
    func hang() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: .hang)
        let result = try await withExporter(to: receiver.endpoint, timeout: .milliseconds(300)) {
            await $0.export(.sample())
        }
        #expect(result.error?.code == .timeout)
        await receiver.stop()
    }

    @Test("a shutdown ends what is under way, a request as well as a wait", arguments: [true, false])
    func shutdown(inRequest: Bool) async throws {
        let receiver = try await LoopbackOTLPReceiver.start(
            otherwise: inRequest ? .hang : .error(503, retryAfter: "3000"))
        let exporter = try OTLPHTTPSpanExporter(
            .init(endpoint: receiver.endpoint, timeout: .seconds(3_600)))
        async let result = exporter.export(.sample())
        _ = await receiver.requests(atLeast: 1)
        await exporter.shutdown()
        #expect(await result.error?.code == .shutDown)
        await exporter.shutdown()
        #expect(await exporter.export(.sample()).error?.code == .shutDown)
        await receiver.stop()
    }

    @Test("a redirect is not followed: nobody else gets the headers", arguments: [301, 302, 307, 308])
    func redirect(status: Int) async throws {
        let other = try await LoopbackOTLPReceiver.start()
        let receiver = try await LoopbackOTLPReceiver.start([
            .answer(status: status, headers: [("Location", other.endpoint)])
        ])
        let result = try await withExporter(to: receiver.endpoint, headers: [("authorization", "secret")]) {
            await $0.export(.sample())
        }
        #expect(result.error?.message == "HTTP \(status)")
        #expect(other.requests.isEmpty)
        await receiver.stop()
        await other.stop()
    }

    @Test("an exporter that is only dropped shuts its client down")
    func dropped() throws {
        for _ in 0..<10 { _ = try OTLPHTTPSpanExporter() }
    }

    @Test("no description of the configuration shows a header, the user or the query of the endpoint")
    func shownConfiguration() {
        let configuration = OTLPExporterConfiguration(
            endpoint: "https://me:hunter2@collector:4318/v1/traces?key=hunter2",
            headers: [("authorization", "Bearer hunter2")])
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(text.contains("authorization"))
            #expect(text.contains("https://collector:4318/v1/traces"))
        }
    }

    @Test("no error shows a header, the user or the query of the endpoint")
    func noSecrets() async throws {
        let receiver = try await LoopbackOTLPReceiver.start([
            .error(401, message: "wrong token hunter2-hunter2 for /v1/traces?key=query-secret")
        ])
        let result = try await withExporter(
            to: "http://me:pass-word@127.0.0.1:\(receiver.port)/v1/traces?key=query-secret",
            headers: [("authorization", "Bearer hunter2-hunter2")]
        ) { await $0.export(.sample()) }
        let text = "\(try #require(result.error)) \(result)"
        for secret in ["hunter2", "pass-word", "query-secret", "me:"] { #expect(!text.contains(secret)) }
        await receiver.stop()
    }
}

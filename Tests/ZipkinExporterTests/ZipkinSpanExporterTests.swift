// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import Foundation
import Loopback
import TelemetryModel
import TelemetrySDK
import Testing

@testable import ZipkinExporter

@Suite("Zipkin: over real sockets", .timeLimit(.minutes(1)))
struct ZipkinSpanExporterTests {
    private let accepted = LoopbackOTLPReceiver.Reply.answer(status: 202)

    private func batch(_ name: String = "GET /items") -> SpanBatch {
        let span = SpanData(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), name: name, startTimeUnixNano: 1_000,
            endTimeUnixNano: 2_000)
        return SpanBatch(
            [
                ResourceSpans(
                    resource: Resource(), scopeSpans: [ScopeSpans(scope: .init(name: "test"), spans: [span])])
            ])
    }

    private func export(
        to endpoint: String, timeout: Duration = .seconds(10), environment: RetryEnvironment = .system
    ) async throws -> ExportResult {
        let exporter = try ZipkinSpanExporter(endpoint: endpoint, timeout: timeout, environment: environment)
        let result = await exporter.export(batch())
        await exporter.shutdown()
        return result
    }

    @Test("metrics know it by the name of the conventions, and where it sends")
    func described() throws {
        let exporter = try ZipkinSpanExporter(endpoint: "http://zipkin.example:9411/api/v2/spans?key=secret")
        #expect(exporter.componentType == "zipkin_http_span_exporter")
        #expect(exporter.server?.address == "zipkin.example")
        #expect(exporter.server?.port == 9411)
    }

    @Test("it keeps the contract of exporters")
    func contract() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: accepted)
        try await SpanExporterContract.check {
            try ZipkinSpanExporter(endpoint: "http://127.0.0.1:\(receiver.port)/api/v2/spans?key=secret")
        }
        await receiver.stop()
    }

    @Test("a batch arrives as one JSON list at exactly the endpoint")
    func delivers() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: accepted)
        let result = try await export(to: "http://127.0.0.1:\(receiver.port)/api/v2/spans")
        guard case .success = result else { return #expect(Bool(false), "\(result)") }
        let request = try #require(receiver.requests.first)
        #expect(receiver.requests.count == 1)
        #expect(request.method == "POST")
        #expect(request.uri == "/api/v2/spans")
        #expect(request.header("content-type") == "application/json")
        #expect(request.header("user-agent")?.hasPrefix("Contrail/") == true)
        let spans = try #require(
            try JSONSerialization.jsonObject(with: Data(request.body)) as? [[String: Any]])
        #expect(spans.map { $0["name"] as? String } == ["GET /items"])
        await receiver.stop()
    }

    @Test("an overloaded server is asked again, a server that refuses is not")
    func retries() async throws {
        let time = FakeTime()
        let environment = RetryEnvironment(now: { time.now }, sleep: { time.sleep($0) }, random: { 0 })
        let busy = try await LoopbackOTLPReceiver.start(
            [.answer(status: 503), .disconnect], otherwise: accepted)
        let result = try await export(to: "http://127.0.0.1:\(busy.port)/", environment: environment)
        guard case .success = result else { return #expect(Bool(false), "\(result)") }
        #expect(busy.requests.count == 3)
        await busy.stop()

        let refusing = try await LoopbackOTLPReceiver.start(
            otherwise: .answer(status: 400, body: Array("no such field".utf8)))
        let refused = try await export(to: "http://127.0.0.1:\(refusing.port)/", environment: environment)
        guard case .failure(let error) = refused else { return #expect(Bool(false), "it was taken") }
        #expect(error.code == .refused)
        #expect(error.message == "HTTP 400: no such field")
        #expect(refusing.requests.count == 1)
        await refusing.stop()
    }

    @Test("a server that says when it wants to be asked again is asked then", arguments: [429, 503])
    func retryAfter(status: Int) async throws {
        let time = FakeTime()
        let environment = RetryEnvironment(now: { time.now }, sleep: { time.sleep($0) }, random: { 0 })
        let receiver = try await LoopbackOTLPReceiver.start(
            [.answer(status: status, headers: [("Retry-After", "4")])], otherwise: accepted)
        let result = try await export(to: "http://127.0.0.1:\(receiver.port)/", environment: environment)
        guard case .success = result else { return #expect(Bool(false), "\(result)") }
        #expect(time.sleeps == [.seconds(4)])
        #expect(receiver.requests.count == 2)
        await receiver.stop()
    }

    @Test("a server that wants more patience than there is time is not asked again")
    func retryAfterBeyondTheTimeout() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(
            otherwise: .answer(status: 503, headers: [("Retry-After", "3600")]))
        let result = try await export(to: "http://127.0.0.1:\(receiver.port)/")
        guard case .failure(let error) = result else { return #expect(Bool(false), "it was taken") }
        #expect(error.message == "HTTP 503")
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("a server that says nothing costs the timeout")
    func timeout() async throws {
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: .hang)
        let result = try await export(to: "http://127.0.0.1:\(receiver.port)/", timeout: .milliseconds(100))
        guard case .failure(let error) = result else { return #expect(Bool(false), "it was taken") }
        #expect(error.code == .timeout)
        await receiver.stop()
    }

    @Test("a server that stops in the middle of its answer has taken the spans, and holds nobody")
    func stopsInTheMiddle() async throws {
        let half = [("Content-Length", "10")]
        let receiver = try await LoopbackOTLPReceiver.start(
            otherwise: .answer(status: 202, headers: half, body: Array("half".utf8)))
        let result = try await export(to: "http://127.0.0.1:\(receiver.port)/", timeout: .milliseconds(200))
        guard case .success = result else { return #expect(Bool(false), "\(result)") }
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("what a server repeats of the address is told without user and query")
    func repeatsTheAddress() async throws {
        let words = Array("no POST /v2?api-key=hunter2-key here, ann:password".utf8)
        let receiver = try await LoopbackOTLPReceiver.start(otherwise: .answer(status: 404, body: words))
        let result = try await export(
            to: "http://ann:password@127.0.0.1:\(receiver.port)/v2?api-key=hunter2-key")
        guard case .failure(let error) = result else { return #expect(Bool(false), "it was taken") }
        #expect(error.message == "HTTP 404: no POST /v2?… here, …")
        // base64("ann:password")
        #expect(receiver.requests.first?.header("authorization") == "Basic YW5uOnBhc3N3b3Jk")
        await receiver.stop()
    }
}

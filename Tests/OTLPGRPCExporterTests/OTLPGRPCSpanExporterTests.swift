// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import ExportFixtures
import GRPCCore
import Loopback
import OTLPGRPCExporter
import OTLPWire
import TelemetryModel
import TelemetrySDK
import Testing

@Suite("Export: OTLP/gRPC over real sockets", .timeLimit(.minutes(1)))
struct OTLPGRPCSpanExporterTests {
    private func withExporter<Result>(
        to endpoint: String, headers: [(String, String)] = [], timeout: Duration = .seconds(10),
        environment: RetryEnvironment = .system, _ body: (OTLPGRPCSpanExporter) async throws -> Result
    ) async throws -> Result {
        let exporter = try OTLPGRPCSpanExporter(
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

    @Test("batches arrive as requests with the given headers, over one exporter")
    func delivers() async throws {
        let receiver = try await LoopbackGRPCReceiver.start()
        let headers = [("Authorization", "Bearer abc"), ("x-team", "a")]
        try await withExporter(to: receiver.endpoint, headers: headers) { exporter in
            for index in 0..<3 { #expect(await exporter.export(.sample("\(index)")).rejected == 0) }
            #expect(await exporter.export(SpanBatch([])).rejected == 0)
        }
        #expect(receiver.spans.map(\.name) == ["0", "1", "2"])
        let request = try #require(receiver.requests.first)
        #expect(try request.traces().resourceSpans == SpanBatch.sample("0").resourceSpans)
        #expect(Array(request.metadata[stringValues: "authorization"]) == ["Bearer abc"])
        #expect(Array(request.metadata[stringValues: "x-team"]) == ["a"])
        await receiver.stop()
    }

    @Test("it says who it is, and batches share one connection")
    func userAgentAndConnection() async throws {
        let receiver = try await LoopbackGRPCReceiver.start()
        let relay = try await CountingRelay.start(to: receiver.port)
        try await withExporter(to: "http://127.0.0.1:\(relay.port)") { exporter in
            for _ in 0..<5 { #expect(await exporter.export(.sample()).rejected == 0) }
        }
        #expect(relay.connectionCount == 1)
        let agent = receiver.requests.first.flatMap { request in
            request.metadata[stringValues: "user-agent"].first { _ in true }
        }
        #expect(agent?.contains("OTel-OTLP-Exporter-Swift/") == true)
        await relay.stop()
        await receiver.stop()
    }

    @Test("a user agent of one's own stands before the exporter's")
    func ownUserAgent() async throws {
        let receiver = try await LoopbackGRPCReceiver.start()
        let headers = [("User-Agent", "shop/2.1")]
        try await withExporter(to: receiver.endpoint, headers: headers) {
            #expect(await $0.export(.sample()).error == nil)
        }
        let metadata = try #require(receiver.requests.first?.metadata)
        #expect(Array(metadata[stringValues: "user-agent"]) == ["shop/2.1 \(ExporterIdentity.userAgent)"])
        await receiver.stop()
    }

    @Test("an answer over 4 MiB is a failure that is not tried again")
    func longResponse() async throws {
        let text = String(repeating: "x", count: 4 << 20 + 1)
        let receiver = try await LoopbackGRPCReceiver.start([
            .success(.init(partialSuccess: .init(rejectedSpans: 0, errorMessage: text)))
        ])
        let result = try await withExporter(to: receiver.endpoint) { await $0.export(.sample()) }
        #expect(result.error != nil)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("it keeps the contract of exporters")
    func contract() async throws {
        let receiver = try await LoopbackGRPCReceiver.start()
        try await SpanExporterContract.check {
            try OTLPGRPCSpanExporter(.init(endpoint: receiver.endpoint))
        }
        await receiver.stop()
    }

    @Test("nothing is dialled before the first export")
    func dialsLate() async throws {
        let receiver = try await LoopbackGRPCReceiver.start()
        try await withExporter(to: receiver.endpoint) { exporter in
            #expect(!exporter.hasDialled)
            #expect(await exporter.export(SpanBatch([])).rejected == 0)
            #expect(!exporter.hasDialled)
            #expect(await exporter.export(.sample()).rejected == 0)
            #expect(exporter.hasDialled)
        }
        let unused = try OTLPGRPCSpanExporter(.init(endpoint: receiver.endpoint))
        await unused.shutdown()
        #expect(!unused.hasDialled)
        #expect(await unused.export(.sample()).error?.code == .shutDown)
        #expect(!unused.hasDialled)
        await receiver.stop()
    }

    private static let codes: [(RPCError.Code, Bool)] = [
        (.cancelled, true), (.deadlineExceeded, true), (.aborted, true), (.outOfRange, true),
        (.unavailable, true), (.dataLoss, true), (.unknown, false), (.invalidArgument, false),
        (.notFound, false), (.alreadyExists, false), (.permissionDenied, false), (.unauthenticated, false),
        (.failedPrecondition, false), (.unimplemented, false), (.internalError, false),
        (.resourceExhausted, false),
    ]

    @Test("exactly the retryable codes are tried again", arguments: codes)
    func retries(code: RPCError.Code, isRetryable: Bool) async throws {
        let receiver = try await LoopbackGRPCReceiver.start([.failure(code, message: "because")])
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(receiver.requests.count == (isRetryable ? 2 : 1))
        if isRetryable {
            #expect(result.rejected == 0)
            #expect(time.sleeps == [.milliseconds(500)])
        } else {
            #expect(try #require(result.error).message.hasSuffix("because"))
            #expect(result.error?.code == .refused)
        }
        await receiver.stop()
    }

    @Test(
        "RetryInfo is waited for, and makes RESOURCE_EXHAUSTED retryable",
        arguments: [RPCError.Code.resourceExhausted, .unavailable])
    func retryInfo(code: RPCError.Code) async throws {
        let info = RPCStatus.Detail(RetryInfo(retryDelay: .milliseconds(2_500)))
        let receiver = try await LoopbackGRPCReceiver.start([.failure(code, details: [info])])
        let time = FakeTime()
        let result = try await withExporter(to: receiver.endpoint, environment: time.environment) {
            await $0.export(.sample())
        }
        #expect(result.rejected == 0)
        #expect(time.sleeps == [.milliseconds(2_500)])
        await receiver.stop()
    }

    @Test("partial success counts what was rejected and is not tried again")
    func partialSuccess() async throws {
        let partial = ExportTraceServiceResponse(
            partialSuccess: .init(rejectedSpans: 1, errorMessage: "bad id"))
        let receiver = try await LoopbackGRPCReceiver.start([.success(partial)])
        let result = try await withExporter(to: receiver.endpoint) { await $0.export(.sample()) }
        #expect(result.rejected == 1)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("where nobody listens the batch fails in time, and nothing crashes")
    func nobodyListens() async throws {
        let port = try UnansweredPort()
        let time = FakeTime()
        let result = try await withExporter(
            to: "http://127.0.0.1:\(port.number)", environment: time.environment
        ) {
            await $0.export(.sample())
        }
        #expect(result.error?.code == .unreachable)
        #expect(time.sleeps.count >= 3)
        withExtendedLifetime(port) {}
    }

    @Test("a receiver that says nothing costs no more than the timeout")
    func hang() async throws {
        let receiver = try await LoopbackGRPCReceiver.start([.hang, .hang, .hang])
        let result = try await withExporter(to: receiver.endpoint, timeout: .milliseconds(300)) {
            await $0.export(.sample())
        }
        #expect(result.error?.code == .timeout)
        await receiver.stop()
    }

    @Test("a shutdown ends what is under way, and nothing is sent after it")
    func shutdown() async throws {
        let receiver = try await LoopbackGRPCReceiver.start([.hang])
        let exporter = try OTLPGRPCSpanExporter(
            .init(endpoint: receiver.endpoint, timeout: .seconds(3_600)))
        async let result = exporter.export(.sample())
        _ = await receiver.requests(atLeast: 1)
        await exporter.shutdown()
        #expect(await result.error?.code == .shutDown)
        #expect(await exporter.export(.sample()).error?.code == .shutDown)
        #expect(receiver.requests.count == 1)
        await receiver.stop()
    }

    @Test("what is no URL is refused when the exporter is made")
    func invalidEndpoint() {
        #expect(throws: InvalidEndpoint.self) { try OTLPGRPCSpanExporter(.init(endpoint: "collector:4317")) }
    }
}

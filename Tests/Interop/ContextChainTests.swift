// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import ChildProcess
import ContrailHTTPClient
import ContrailHummingbird
import ContrailTesting
import Foundation
import Hummingbird
import HummingbirdTesting
import Loopback
import NIOHTTP1
import OTLPWire
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetryPropagators
import Testing
import Tracing

@Suite(
    "Interop: context through Python",
    .enabled(if: PythonService.isInstalled, "needs .venv with the Python packages: make test installs it"))
struct ContextChainTests {
    @Test(
        "from Swift through FastAPI to Swift: trace, trace state, flags and baggage all arrive",
        .timeLimit(.minutes(2)), arguments: [true, false])
    func chain(isSampled: Bool) async throws {
        let folder = try TemporaryFolder()
        let receiver = try await LoopbackOTLPReceiver.start()
        let python = try await PythonService.start(
            "chain", exportingTo: "http://127.0.0.1:\(receiver.port)", by: "http", in: folder.url)

        // What came to the first service: a caller's context with the state of two vendors, and baggage.
        let trace = TraceID(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max))
        var incoming = ServiceContext.topLevel
        incoming.spanContext = SpanContext(
            traceID: trace, spanID: SpanID(value: 7), traceFlags: isSampled ? [.sampled, .random] : .random,
            traceState: try #require(TraceState(headerValue: "congo=t61rcWkgMzE,fw529a3039@dt=a b")),
            isRemote: true)
        let words = ["tenant": "acme", "city": "Zürich", "price": "100%,50;=", "empty": ""]
        for (name, value) in words { incoming.baggage[name] = value }

        let start = incoming
        let received = Mutex<(headers: [String: String], context: ServiceContext)?>(nil)
        let server = TestTelemetry(service: "last", propagator: CompositePropagator.standard)
        let router = Router()
        router.add(middleware: TelemetryMiddleware(tracer: server.tracer))
        router.get("end") { request, _ in
            let headers = Dictionary(
                request.headers.map { ($0.name.canonicalName, $0.value) }, uniquingKeysWith: { "\($0),\($1)" }
            )
            received.withLock { $0 = (headers, ServiceContext.current ?? .topLevel) }
            return "done"
        }
        let client = TestTelemetry(service: "first", propagator: CompositePropagator.standard)
        try await Application(router: router).test(.live) { last in
            let target = "http://127.0.0.1:\(try #require(last.port))/end"
            let http = HTTPClient(configuration: HTTPClient.Configuration().traced(by: client.tracer))
            do {
                let answer = try await client.tracer.withSpan("first", context: start) { _ in
                    try await http.execute(
                        HTTPClientRequest(url: "http://127.0.0.1:\(python.port)/api/v1/relay?to=\(target)"),
                        timeout: .seconds(20))
                }
                #expect(answer.status == .ok)
                try await http.shutdown()
            } catch {
                try? await http.shutdown()
                throw error
            }
        }

        let (headers, context) = try #require(received.withLock { $0 })
        #expect(headers["tracestate"] == "congo=t61rcWkgMzE,fw529a3039@dt=a b")
        let last = try #require(context.spanContext)
        #expect(last.traceID == trace)
        #expect(last.traceFlags == (isSampled ? [.sampled, .random] : .random))
        #expect(last.traceState == incoming.spanContext?.traceState)
        for (name, value) in words { #expect(context.baggage[name] == value) }
        #expect(context.baggage.entries.count == words.count)

        if isSampled {
            // The relay stands between the two Swift services.
            let relay = try await eventually("the relay's span") {
                try receiver.requests.lazy.flatMap { try $0.traces().resourceSpans }.flatMap(\.scopeSpans)
                    .flatMap(\.spans).first { $0.name == "relay" }
            }
            #expect(relay.traceID == trace)
            #expect(server.finishedSpans.first?.parentSpanID == relay.spanID)
            #expect(client.finishedSpans.count == 2)
        } else {
            #expect(server.finishedSpans.isEmpty)
            #expect(client.finishedSpans.isEmpty)
        }
        await python.program.stop()
        await receiver.stop()
    }
}

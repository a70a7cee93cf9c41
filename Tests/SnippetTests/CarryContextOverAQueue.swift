// SPDX-License-Identifier: Apache-2.0

import Contrail
import ContrailTesting
import HTTPTypes
import ServiceContextModule
import Synchronization
import TelemetryAPI
import TelemetryPropagators
import Testing
import Tracing

private struct Message: Sendable {
    var headers: [String: String] = [:]
    var context = ServiceContext.topLevel
}

private final class Queue: Sendable {
    private let messages = Mutex<[Message]>([])
    func send(_ message: Message) { messages.withLock { $0.append(message) } }
    func receive() -> Message? { messages.withLock { $0.popLast() } }
}

@Suite("Article: How do I carry context over a message queue?")
struct CarryContextOverAQueueSnippets {
    private func process(_ message: Message) async throws {}

    private func work(on batch: [Message]) {}

    @Test("sender and receiver are one trace, and baggage travels")
    func oneTrace() async throws {
        let telemetry = TestTelemetry(propagator: CompositePropagator.standard)
        let queue = Queue()
        telemetry.run {
            var message = Message()
            var context = ServiceContext.topLevel
            context.baggage["tenant"] = "blue"
            ServiceContext.$current.withValue(context) {
                withSpan("orders publish", ofKind: .producer) { _ in
                    message.headers.inject(.current)
                    queue.send(message)
                }
            }
        }
        let message = try #require(queue.receive())
        #expect(message.headers["baggage"] == "tenant=blue")
        try await telemetry.run {
            try await withExtractedContext(from: message.headers) {
                try await withSpan("orders process", ofKind: .consumer) { _ in
                    try await process(message)
                }
            }
        }
        let publish = try #require(telemetry.finishedSpan("orders publish"))
        let received = try #require(telemetry.finishedSpan("orders process"))
        #expect(received.traceID == publish.traceID)
        #expect(received.parentSpanID == publish.spanID)
    }

    @Test("header names are compared without regard to case, and HTTP fields come ready")
    func headerNames() async {
        let telemetry = TestTelemetry(propagator: CompositePropagator.standard)
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        await telemetry.run {
            await withExtractedContext(from: ["TraceParent": parent]) {
                #expect(ServiceContext.current?.spanContext?.traceID.description.hasPrefix("4bf92f") == true)
            }
            var fields = HTTPFields()
            await withExtractedContext(from: [.init("traceparent")!: parent]) { fields.inject(.current) }
            #expect(fields.first?.value == parent)
        }
    }

    @Test("headers that cannot be read leave the context as it is")
    func unreadable() async {
        let telemetry = TestTelemetry(propagator: CompositePropagator.standard)
        await telemetry.run {
            await withExtractedContext(from: ["traceparent": "no"]) {
                #expect(ServiceContext.current?.spanContext == nil)
            }
        }
    }

    @Test("a batch points to its messages by links")
    func batch() throws {
        let testTelemetry = TestTelemetry()
        let telemetry = TelemetryScope("com.example.orders")
        testTelemetry.run {
            let batch = (0..<2).map { _ in
                telemetry.tracer.withSpan("orders publish", kind: .producer) { _ in
                    Message(context: .current ?? .topLevel)
                }
            }
            let links = batch.compactMap { message -> TelemetryLink? in
                message.context.spanContext.map { TelemetryLink($0) }
            }
            telemetry.tracer.withSpan("orders process", kind: .consumer, links: links) { _ in
                work(on: batch)
            }
        }
        let published = testTelemetry.finishedSpans.filter { $0.name == "orders publish" }
        let process = try #require(testTelemetry.finishedSpan("orders process"))
        #expect(process.links.map(\.spanID) == published.map(\.spanID))
    }
}

// SPDX-License-Identifier: Apache-2.0

import ContrailTesting
import OTLPWire
import Synchronization
import TelemetryAPI
import TelemetryModel
import TelemetrySDK
import Testing

/// The bytes that the span path writes are read back with the codec, which was written apart from it.
@Suite("Encoded spans")
struct EncodingTests {
    /// Random values, the same in each run.
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }

        mutating func string() -> String {
            let alphabet = ["a", "é", "漢", "🙂", "\u{0}", "\\", "\""]
            return (0..<Int.random(in: 0..<40, using: &self)).map { _ in
                alphabet.randomElement(using: &self) ?? ""
            }.joined()
        }

        mutating func value(_ depth: Int = 0) -> AttributeValue {
            switch Int.random(in: 0..<(depth > 4 ? 6 : 8), using: &self) {
            case 0: return .string(string())
            case 1: return .int(Int64(bitPattern: next() >> (next() & 63)))
            case 2: return .double(Double(bitPattern: next()))
            case 3: return .bool(Bool.random(using: &self))
            case 4: return .bytes((0..<Int.random(in: 0..<20, using: &self)).map { UInt8($0) })
            case 5: return .empty
            case 6: return .array((0..<Int.random(in: 0..<5, using: &self)).map { _ in value(depth + 1) })
            default: return .map(attributes(5, depth + 1))
            }
        }

        mutating func attributes(_ countMax: Int, _ depth: Int = 0) -> Attributes {
            var attributes = Attributes()
            for index in 0..<Int.random(in: 0...countMax, using: &self) {
                attributes["key.\(index)" + string()] = value(depth)
            }
            return attributes
        }

        mutating func context() -> SpanContext {
            SpanContext(
                traceID: TraceID(high: next(), low: next()), spanID: SpanID(value: next()),
                traceFlags: TraceFlags(rawValue: UInt8(truncatingIfNeeded: next())),
                traceState: TraceState(headerValue: Bool.random(using: &self) ? "" : "a=1,b=2")
                    ?? TraceState(),
                isRemote: Bool.random(using: &self))
        }
    }

    @Test("random spans are read back as they were set", arguments: 0..<200 as Range<UInt64>)
    func randomSpans(seed: UInt64) throws {
        var random = Random(state: seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(TelemetryScope("test"))
        let kind = SpanKind.allCases.randomElement(using: &random) ?? .internal
        let attributes = random.attributes(20)
        let links = (0..<Int.random(in: 0..<4, using: &random)).map { _ in
            TelemetryLink(random.context(), attributes: random.attributes(3))
        }
        let events = (0..<Int.random(in: 0..<6, using: &random)).map { _ in
            SpanEvent(timeUnixNano: random.next(), name: random.string(), attributes: random.attributes(4))
        }
        let name = random.string()
        let span = tracer.startSpan(name, kind: kind, links: links, startTime: 10)
        for attribute in attributes { span.setAttribute(attribute.key, attribute.value) }
        for event in events { span.addEvent(event.name, event.attributes, at: event.timeUnixNano) }
        let message = random.string()
        span.setStatus(.error, message)
        span.end(at: 20)

        let batch = try #require(telemetry.finishedSpans.first)
        #expect(batch.name == name)
        #expect(batch.kind == kind)
        #expect(batch.attributes == attributes)
        #expect(batch.events == events)
        #expect(batch.status == SpanStatus(code: .error, message: message))
        #expect(batch.traceID == span.context.traceID && batch.spanID == span.context.spanID)
        #expect(batch.links.count == links.count)
        for (left, right) in zip(batch.links, links) {
            #expect(left.traceID == right.context.traceID && left.spanID == right.context.spanID)
            #expect(left.traceState == right.context.traceState.headerValue)
            #expect(left.attributes == right.attributes)
            #expect(left.flags & 0xff == UInt32(right.context.traceFlags.rawValue))
            #expect(left.flags & 0x300 == (right.context.isRemote ? 0x300 : 0x100))
        }
    }

    @Test("schema URLs of resource and scope are in the request, each in its place")
    func schemaURLs() async throws {
        let exporter = RequestExporter()
        let provider = TracerProvider(
            resource: Resource(schemaURL: "https://example.com/r"),
            processors: [BatchSpanProcessor(exporter: exporter)])
        provider.tracer(TelemetryScope("scope", schemaURL: "https://example.com/s")).startSpan("span").end()
        _ = await provider.shutdown()
        let bytes = try #require(exporter.batches.first).exportTraceServiceRequest()
        let decoded = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: bytes)
        #expect(decoded.resourceSpans.map(\.resource.schemaURL) == ["https://example.com/r"])
        #expect(decoded.resourceSpans.first?.scopeSpans.map(\.scope.schemaURL) == ["https://example.com/s"])
    }

    @Test("a request of several scopes is what the codec writes for the same spans")
    func request() async throws {
        let exporter = RequestExporter()
        let provider = TracerProvider(
            resource: Resource(attributes: ["service.name": "s"], schemaURL: "https://example.com/r"),
            processors: [BatchSpanProcessor(exporter: exporter)])
        for index in 0..<30 {
            let scope = TelemetryScope(
                "scope \(index % 3)", schemaURL: index % 3 == 0 ? "https://example.com/s" : "")
            let span = provider.tracer(scope).startSpan("\(index)")
            span["index"] = index
            span.end()
        }
        _ = await provider.shutdown()
        let batch = try #require(exporter.batches.first)
        #expect(batch.count == 30)
        let bytes = batch.exportTraceServiceRequest()
        let decoded = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: bytes)
        #expect(decoded.resourceSpans == batch.resourceSpans)
        let spans = try #require(decoded.resourceSpans.first)
        #expect(spans.scopeSpans.map(\.scope.name) == ["scope 0", "scope 1", "scope 2"])
        #expect(spans.scopeSpans.map(\.scope.schemaURL) == ["https://example.com/s", "", ""])
        #expect(spans.scopeSpans.allSatisfy { $0.spans.count == 10 })
        #expect(OTLPProtobuf.encode(decoded).count == bytes.count)
    }
}

/// Keeps batches as they came.
private final class RequestExporter: ImmediateSpanExporter {
    private let state = Mutex<[SpanBatch]>([])
    var batches: [SpanBatch] { state.withLock { $0 } }
    func exportNow(_ batch: SpanBatch) -> ExportResult {
        state.withLock { $0.append(batch) }
        return .success()
    }
    func forceFlush() async {}
    func shutdown() async {}

    @Test("names, keys and texts of every length are read back, set twice too", arguments: [0, 2, 7])
    func lengths(seed: Int) throws {
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz")
        func text(_ count: Int) -> String {
            String((0..<count).map { alphabet[($0 + seed * count) % alphabet.count] })
        }
        let telemetry = TestTelemetry()
        let tracer = telemetry.provider.tracer(TelemetryScope("test"))
        // Up to what moves on the stack, in a register, and with lengths of two bytes.
        for count in 0..<140 {
            let span = tracer.startSpan(text(count))
            for attribute in 1..<6 {
                span.setAttribute(text(count + attribute), text(count))
                span.setAttribute(text(count + attribute), text(count + 5 - attribute))
            }
            span.addEvent(text(count))
            span.end()
            let data = try #require(telemetry.finishedSpans.last)
            #expect(data.name == text(count))
            #expect(data.events.map(\.name) == [text(count)])
            var expected = Attributes()
            for attribute in 1..<6 {
                expected[text(count + attribute)] = .string(text(count + 5 - attribute))
            }
            #expect(data.attributes == expected)
        }
    }
}

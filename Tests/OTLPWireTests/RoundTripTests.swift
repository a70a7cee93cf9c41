// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing
import WireFixtures

@Suite("Wire: there and back")
struct RoundTripTests {
    private static let requests = (0..<200).map { seed in
        var random = RandomTelemetry(seed: UInt64(seed))
        return ExportTraceServiceRequest(resourceSpans: (0...seed % 2).map { _ in random.resourceSpans() })
    }

    @Test("a message survives protobuf, and its bytes are always the same")
    func protobuf() throws {
        for request in Self.requests {
            let bytes = OTLPProtobuf.encode(request)
            let decoded = try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: bytes)
            try #require(decoded == request)
            try #require(OTLPProtobuf.encode(decoded) == bytes)
        }
    }

    @Test("a message survives JSON, plain and pretty")
    func json() throws {
        for request in Self.requests {
            for pretty in [false, true] {
                let bytes = OTLPJSON.encode(request, pretty: pretty)
                try #require(try OTLPJSON.decode(ExportTraceServiceRequest.self, from: bytes) == request)
            }
        }
    }

    @Test("borrowed bytes are read as an array's are")
    func borrowed() throws {
        let request = Self.requests[3]
        let binary = OTLPProtobuf.encode(request)
        let text = OTLPJSON.encode(request)
        let fromBinary = try binary.withUnsafeBytes {
            try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: $0)
        }
        let fromText = try text.withUnsafeBytes {
            try OTLPJSON.decode(ExportTraceServiceRequest.self, from: $0)
        }
        #expect(fromBinary == request && fromText == request)
        #expect(try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: binary.span.bytes) == request)
        #expect(try OTLPJSON.decode(ExportTraceServiceRequest.self, from: text.span.bytes) == request)
    }

    @Test("each message that can be encoded by itself can be read by itself")
    func parts() throws {
        var random = RandomTelemetry(seed: 5)
        try check(random.resourceSpans())
        try check(random.scopeSpans())
        try check(random.span())
        try check(random.event())
        try check(random.link())
        try check(random.attributes())
        for _ in 0..<50 { try check(random.value()) }
        var resource = random.resource()
        var scope = random.scope()
        // They stand in the message around it.
        resource.schemaURL = ""
        scope.schemaURL = ""
        try check(resource)
        try check(scope)
        try check(random.resourceLogs())
        try check(random.scopeLogs())
        for _ in 0..<50 { try check(random.logRecord()) }
        try check(ExportLogsServiceResponse(partialSuccess: .init(rejectedLogRecords: 3, errorMessage: "no")))
        try check(ExportTraceServiceResponse())
        try check(ExportTraceServiceResponse(partialSuccess: .init()))
        try check(ExportTraceServiceResponse(partialSuccess: .init(rejectedSpans: 3, errorMessage: "no")))
    }

    private func check<Message: OTLPMessage & Equatable>(_ message: Message) throws {
        #expect(try OTLPProtobuf.decode(Message.self, from: OTLPProtobuf.encode(message)) == message)
        #expect(try OTLPJSON.decode(Message.self, from: OTLPJSON.encode(message)) == message)
        #expect(try OTLPJSON.decode(Message.self, from: OTLPJSON.encode(message, pretty: true)) == message)
    }

    @Test("values nested deeper than anyone reads are cut, not followed until the stack ends")
    func tooDeepToWrite() throws {
        var value = AttributeValue.int(1)
        for _ in 0..<2_000 { value = .array([value]) }
        let attributes: Attributes = ["deep": value, "flat": 1]
        let binary = try OTLPProtobuf.decode(Attributes.self, from: OTLPProtobuf.encode(attributes))
        let text = try OTLPJSON.decode(Attributes.self, from: OTLPJSON.encode(attributes))
        #expect(binary["flat"] == 1 && text["flat"] == 1)
        #expect(binary["deep"] != nil && text["deep"] != nil)
    }
}

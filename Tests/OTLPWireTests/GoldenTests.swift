// SPDX-License-Identifier: Apache-2.0

import Foundation
import OTLPWire
import TelemetryModel
import Testing

@Suite("Wire: known bytes")
struct GoldenTests {
    private static let span = SpanData(
        traceID: TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10),
        spanID: SpanID(value: 0x1112_1314_1516_1718), parentSpanID: SpanID(value: 1), traceState: "a=b",
        flags: 0x301, name: "GET", kind: .client, startTimeUnixNano: 1, endTimeUnixNano: 1 << 56,
        attributes: ["i": -1], droppedAttributesCount: 300,
        events: [SpanEvent(timeUnixNano: 2, name: "e")],
        links: [SpanLink(traceID: TraceID(high: 0, low: 1), spanID: SpanID(value: 2), flags: 1)],
        status: SpanStatus(code: .error, message: "x"))

    @Test("a span in protobuf")
    func protobuf() {
        let expected: [UInt8] = [
            0x0a, 16, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
            0x12, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
            0x1a, 3, 0x61, 0x3d, 0x62,
            0x22, 8, 0, 0, 0, 0, 0, 0, 0, 1,
            0x2a, 3, 0x47, 0x45, 0x54,
            0x30, 3,
            0x39, 1, 0, 0, 0, 0, 0, 0, 0,
            0x41, 0, 0, 0, 0, 0, 0, 0, 1,
            0x4a, 16, 0x0a, 1, 0x69, 0x12, 11, 0x18, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1,
            0x50, 0xac, 0x02,
            0x5a, 12, 0x09, 2, 0, 0, 0, 0, 0, 0, 0, 0x12, 1, 0x65,
            0x6a, 33, 0x0a, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x12, 8, 0, 0, 0, 0, 0, 0, 0,
            2,
            0x35, 1, 0, 0, 0,
            0x7a, 5, 0x12, 1, 0x78, 0x18, 2,
            0x85, 0x01, 0x01, 0x03, 0, 0,
        ]
        #expect(OTLPProtobuf.encode(Self.span) == expected)
    }

    @Test("a span in JSON")
    func json() {
        let expected = """
            {"traceId":"0102030405060708090a0b0c0d0e0f10","spanId":"1112131415161718","traceState":"a=b",\
            "parentSpanId":"0000000000000001","name":"GET","kind":3,"startTimeUnixNano":"1",\
            "endTimeUnixNano":"72057594037927936","attributes":[{"key":"i","value":{"intValue":"-1"}}],\
            "droppedAttributesCount":300,"events":[{"timeUnixNano":"2","name":"e"}],\
            "links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002","flags":1}],\
            "status":{"message":"x","code":2},"flags":769}
            """
        #expect(String(decoding: OTLPJSON.encode(Self.span), as: UTF8.self) == expected)
    }

    @Test("pretty JSON has one field to a line")
    func pretty() {
        let value = AttributeValue.array([.int(1), .empty])
        let expected = """
            {
              "arrayValue": {
                "values": [
                  {
                    "intValue": "1"
                  },
                  {}
                ]
              }
            }
            """
        #expect(String(decoding: OTLPJSON.encode(value, pretty: true), as: UTF8.self) == expected)
    }

    private static let emptyMembers: [(AttributeValue, [UInt8], String)] = [
        (.string(""), [0x0a, 0], #"{"stringValue":""}"#),
        (.bool(false), [0x10, 0], #"{"boolValue":false}"#),
        (.int(0), [0x18, 0], #"{"intValue":"0"}"#),
        (.double(0), [0x21, 0, 0, 0, 0, 0, 0, 0, 0], #"{"doubleValue":0.0}"#),
        (.array([]), [0x2a, 0], #"{"arrayValue":{}}"#),
        (.map([:]), [0x32, 0], #"{"kvlistValue":{}}"#),
        (.bytes([]), [0x3a, 0], #"{"bytesValue":""}"#),
        (.empty, [], "{}"),
    ]

    @Test("every member of a value is written, also when it is zero, false or empty", arguments: emptyMembers)
    func zeroValues(value: AttributeValue, binary: [UInt8], text: String) throws {
        #expect(OTLPProtobuf.encode(value) == binary)
        #expect(String(decoding: OTLPJSON.encode(value), as: UTF8.self) == text)
        #expect(try OTLPProtobuf.decode(AttributeValue.self, from: binary) == value)
        #expect(try OTLPJSON.decode(AttributeValue.self, from: Array(text.utf8)) == value)
    }

    @Test("a full success is an empty message, and a partial one says how much")
    func responses() {
        #expect(OTLPProtobuf.encode(ExportTraceServiceResponse()) == [])
        #expect(OTLPJSON.encode(ExportTraceServiceResponse()) == Array("{}".utf8))
        let partial = ExportTraceServiceResponse(partialSuccess: .init(rejectedSpans: 2, errorMessage: "id"))
        #expect(OTLPProtobuf.encode(partial) == [0x0a, 6, 0x08, 2, 0x12, 2, 0x69, 0x64])
        #expect(
            OTLPJSON.encode(partial)
                == Array(#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"id"}}"#.utf8))
    }

    private static let example = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/testdata/otlp-json/otel-proto-trace.json")
    private static let isExampleThere = FileManager.default.fileExists(atPath: example.path())

    @Test(
        "the example of the OTLP repository is NOT checked: ../shared/testdata/otlp-json is absent",
        .enabled(if: !isExampleThere))
    func publishedExampleIsAbsent() {}

    @Test("the example of the OTLP repository is read whole", .enabled(if: isExampleThere))
    func publishedExample() throws {
        let bytes = [UInt8](try Data(contentsOf: Self.example))
        let request = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: bytes)
        let resourceSpans = try #require(request.resourceSpans.first)
        #expect(resourceSpans.resource.serviceName == "my.service")
        let scopeSpans = try #require(resourceSpans.scopeSpans.first)
        #expect(scopeSpans.scope.name == "my.library")
        #expect(scopeSpans.scope.attributes["my.scope.attribute"] == "some scope attribute")
        let span = try #require(scopeSpans.spans.first)
        #expect(span.traceID.hex == "5b8efff798038103d269b633813fc60c")
        #expect(span.parentSpanID?.hex == "eee19b7ec3c1b173")
        #expect(span.kind == .server)
        #expect(span.endTimeUnixNano == 1_544_712_661_000_000_000)
        #expect(span.attributes["my.span.attr"] == "some value")
        // Written and read again it is the same; nothing was lost that the file says.
        let again = OTLPJSON.encode(request)
        #expect(try OTLPJSON.decode(ExportTraceServiceRequest.self, from: again) == request)
        let ours = try JSONSerialization.jsonObject(with: Data(again)) as? NSDictionary
        var text = String(decoding: bytes, as: UTF8.self)
        for id in ["5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174", "EEE19B7EC3C1B173"] {
            text = text.replacing(id, with: id.lowercased())
        }
        let theirs = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? NSDictionary
        #expect(ours == theirs)
    }
}

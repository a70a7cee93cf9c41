// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing

@Suite("Wire: protobuf of other senders")
struct ProtobufToleranceTests {
    private func span(_ bytes: [UInt8]) throws(WireError) -> SpanData {
        try OTLPProtobuf.decode(SpanData.self, from: bytes)
    }

    @Test("of a scalar that stands twice the last one counts, wherever it stands")
    func lastOneWins() throws {
        #expect(try span([0x2a, 1, 0x61, 0x30, 2, 0x2a, 1, 0x62]).name == "b")
        #expect(try span([0x2a, 1, 0x61, 0x30, 2, 0x2a, 0]).name == "")
    }

    @Test("a message that stands twice is merged, and lists are joined")
    func merges() throws {
        let merged = try span([0x7a, 3, 0x12, 1, 0x78, 0x7a, 2, 0x18, 2])
        #expect(merged.status == SpanStatus(code: .error, message: "x"))
        let lists = try span([0x4a, 3, 0x0a, 1, 0x61, 0x30, 2, 0x4a, 3, 0x0a, 1, 0x62])
        #expect(lists.attributes.map(\.key) == ["a", "b"])
    }

    @Test("of the members of a value the last one counts, and a list of lists is joined")
    func oneof() throws {
        let value = { (bytes: [UInt8]) in try OTLPProtobuf.decode(AttributeValue.self, from: bytes) }
        #expect(try value([0x0a, 1, 0x61, 0x18, 5]) == 5)
        #expect(try value([0x18, 5, 0x0a, 1, 0x61]) == "a")
        #expect(try value([0x2a, 4, 0x0a, 2, 0x18, 1, 0x2a, 4, 0x0a, 2, 0x18, 2]) == [1, 2])
    }

    @Test("fields in any order give the same message")
    func anyOrder() throws {
        let forwards = try span([0x2a, 1, 0x61, 0x30, 2, 0x50, 7, 0x60, 8])
        let backwards = try span([0x60, 8, 0x50, 7, 0x30, 2, 0x2a, 1, 0x61])
        #expect(forwards == backwards)
        #expect(forwards.droppedEventsCount == 8)
    }

    @Test("unknown fields of every type are skipped, before, between and after")
    func unknownFields() throws {
        let unknown: [UInt8] =
            [0xf8, 0x07, 0x80, 0x01]  // 127, varint
            + [0xf9, 0x07, 1, 2, 3, 4, 5, 6, 7, 8]  // fixed64
            + [0xfa, 0x07, 2, 0xff, 0xff]  // length-delimited
            + [0xfb, 0x07, 0x0b, 0x08, 1, 0x0c, 0xfc, 0x07]  // a group with a group in it
            + [0xfd, 0x07, 1, 2, 3, 4]  // fixed32
        let bytes = unknown + [0x2a, 1, 0x61] + unknown + [0x30, 2] + unknown
        let decoded = try span(bytes)
        #expect(decoded.name == "a")
        #expect(decoded.kind == .server)
    }

    @Test("a known field of another type is skipped as an unknown one")
    func wrongType() throws {
        #expect(try span([0x28, 5, 0x30, 2]).kind == .server)
        #expect(try span([0x32, 1, 2]).kind == .unspecified)
    }

    @Test("a number that a later version added to an enumeration is read as the default")
    func unknownEnumeration() throws {
        #expect(try span([0x30, 99]).kind == .unspecified)
        #expect(try span([0x7a, 2, 0x18, 77]).status.code == .unset)
    }

    @Test("text that is not UTF-8 is repaired")
    func repairsText() throws {
        #expect(try span([0x2a, 3, 0x61, 0xff, 0x62]).name == "a\u{fffd}b")
    }

    @Test(
        "an id of a wrong length is the invalid one, and a parent of zeros is none",
        arguments: [0, 1, 7, 9, 15, 17, 32])
    func badIDs(count: Int) throws {
        let id = [UInt8(count)] + [UInt8](repeating: 1, count: count)
        let decoded = try span([0x0a] + id + [0x12] + id + [0x22] + id + [0x2a, 1, 0x61])
        #expect(decoded.traceID == .invalid && decoded.spanID == .invalid && decoded.parentSpanID == nil)
        #expect(decoded.name == "a")
        #expect(try span([0x22, 8, 0, 0, 0, 0, 0, 0, 0, 0]).parentSpanID == nil)
    }

    @Test("lengths and numbers need not be written as short as they could be")
    func longVarints() throws {
        #expect(try span([0x2a, 0x81, 0x80, 0x00, 0x61]).name == "a")
        let negative = [0x18] + [UInt8](repeating: 0xff, count: 9) + [0x01]
        #expect(try OTLPProtobuf.decode(AttributeValue.self, from: negative) == -1)
    }

    @Test("no bytes are an empty request, which is legal")
    func empty() throws {
        #expect(try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: []).resourceSpans.isEmpty)
    }

    static let broken: [([UInt8], WireError)] = [
        ([0x2a], WireError(.truncated, offset: 1, path: "name")),
        ([0x2a, 5, 0x61], WireError(.truncated, offset: 1, path: "name")),
        ([0x39, 1, 2, 3], WireError(.truncated, offset: 1, path: "startTimeUnixNano")),
        ([0x80], WireError(.truncated, offset: 0)),
        ([0x85, 0x01, 0, 0], WireError(.truncated, offset: 2, path: "flags")),
        (
            [0x50] + [UInt8](repeating: 0x80, count: 11),
            WireError(.varintTooLong, offset: 1, path: "droppedAttributesCount")
        ),
        (
            [0x50] + [UInt8](repeating: 0xff, count: 9) + [0x02],
            WireError(.varintTooLong, offset: 1, path: "droppedAttributesCount")
        ),
        ([0x00, 1], WireError(.invalidTag, offset: 0)),
        ([0x2e, 1], WireError(.invalidTag, offset: 1)),
        ([0xff, 0xff, 0xff, 0xff, 0x7f], WireError(.invalidTag, offset: 0)),
        ([0xfc, 0x07], WireError(.unmatchedGroup, offset: 2)),
        ([0xfb, 0x07, 0xf4, 0x07], WireError(.unmatchedGroup, offset: 4)),
        ([0xfb, 0x07, 0x08, 1], WireError(.truncated, offset: 4)),
        ([0x4a, 2, 0x12, 9], WireError(.truncated, offset: 3, path: "attributes[0].value")),
        (
            [0x4a, 0, 0x4a, 5, 0x12, 3, 0x18, 0x80, 0x80],
            WireError(.truncated, offset: 7, path: "attributes[1].value.intValue")
        ),
    ]

    @Test("an error says where the bytes went wrong, and in which field", arguments: broken)
    func errors(bytes: [UInt8], error: WireError) {
        #expect(throws: error) { try span(bytes) }
    }

    @Test("a path leads through resources and scopes to the span")
    func deepPath() throws {
        var request = ExportTraceServiceRequest(resourceSpans: [
            ResourceSpans(resource: Resource(), scopeSpans: []),
            ResourceSpans(
                resource: Resource(), scopeSpans: [ScopeSpans(scope: .init(name: ""), spans: [])]),
        ])
        let span = SpanData(
            traceID: .invalid, spanID: .invalid, name: "ab", kind: .unspecified, startTimeUnixNano: 0,
            endTimeUnixNano: 0)
        request.resourceSpans[1].scopeSpans[0].spans = [span, span]
        var bytes = OTLPProtobuf.encode(request)
        bytes[bytes.count - 3] = 3  // the length of the last name
        let error = #expect(throws: WireError.self) {
            try OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: bytes)
        }
        #expect(error?.path == "resourceSpans[1].scopeSpans[0].spans[1].name")
        #expect(error?.offset == bytes.count - 3)
        #expect("\(try #require(error))".hasPrefix("the input ends inside a value at byte "))
    }
}

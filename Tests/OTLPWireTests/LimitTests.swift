// SPDX-License-Identifier: Apache-2.0

@_spi(SpanPath) import OTLPWire
import TelemetryModel
import Testing

@Suite("Wire: limits")
struct LimitTests {
    @Test("a message of the largest size is read, and one byte more is refused before it is looked at")
    func size() throws {
        var limits = WireLimits()
        limits.messageBytes = 4
        #expect(
            try OTLPProtobuf.decode(SpanData.self, from: [0x2a, 2, 0x61, 0x62], limits: limits).name == "ab")
        #expect(throws: WireError(.tooLong(limit: 4), offset: 4)) {
            try OTLPProtobuf.decode(SpanData.self, from: [0xff, 0xff, 0xff, 0xff, 0xff], limits: limits)
        }
        #expect(throws: WireError(.tooLong(limit: 4), offset: 4)) {
            try OTLPJSON.decode(SpanData.self, from: Array("{   }".utf8), limits: limits)
        }
    }

    @Test("values nest as deep as the limit says, and no deeper", arguments: [10, 200])
    func depth(limit: Int) throws {
        var limits = WireLimits()
        limits.depth = limit
        // An array takes two levels: ArrayValue and the AnyValue in it.
        let deepest = Self.nestedArrays(limit / 2)
        let tooDeep = Self.nestedArrays(limit / 2 + 1)
        _ = try OTLPProtobuf.decode(AttributeValue.self, from: deepest.binary, limits: limits)
        let protobuf = #expect(throws: WireError.self) {
            try OTLPProtobuf.decode(AttributeValue.self, from: tooDeep.binary, limits: limits)
        }
        #expect(protobuf?.reason == .tooDeep(limit: limit))
        limits.depth = limit + 1  // the outermost object is a level too
        _ = try OTLPJSON.decode(AttributeValue.self, from: deepest.text, limits: limits)
        let json = #expect(throws: WireError.self) {
            try OTLPJSON.decode(AttributeValue.self, from: tooDeep.text, limits: limits)
        }
        #expect(json?.reason == .tooDeep(limit: limit + 1))
    }

    @Test("what is skipped nests no deeper either")
    func skippedDepth() {
        let arrays = #"{"x":"# + String(repeating: "[", count: 100_000)
        let objects = #"{"x":"# + String(repeating: #"{"a":"#, count: 100_000)
        for text in [arrays, objects] {
            let error = #expect(throws: WireError.self) {
                try OTLPJSON.decode(SpanData.self, from: Array(text.utf8))
            }
            #expect(error?.reason == .tooDeep(limit: WireLimits.default.depth))
        }
        let groups = Array([[UInt8]](repeating: [0xfb, 0x07], count: 100_000).joined())
        let error = #expect(throws: WireError.self) { try OTLPProtobuf.decode(SpanData.self, from: groups) }
        #expect(error?.reason == .tooDeep(limit: WireLimits.default.depth))
    }

    @Test("many empty messages cannot fill the memory")
    func decodedBytes() {
        var limits = WireLimits()
        limits.decodedBytes = 100_000
        let spans = Array([[UInt8]](repeating: [0x12, 0], count: 100_000).joined())
        let protobuf = #expect(throws: WireError.self) {
            try OTLPProtobuf.decode(ScopeSpans.self, from: spans, limits: limits)
        }
        #expect(protobuf?.reason == .decodedTooLarge(limit: 100_000))
        let text = #"{"spans":[{}"# + String(repeating: ",{}", count: 100_000) + "]}"
        let json = #expect(throws: WireError.self) {
            try OTLPJSON.decode(ScopeSpans.self, from: Array(text.utf8), limits: limits)
        }
        #expect(json?.reason == .decodedTooLarge(limit: 100_000))
    }

    @Test("maps of 64 levels are read wherever they stand, on a thread with half of the usual stack")
    func deepMaps() {
        var value = AttributeValue.int(1)
        for _ in 0..<64 { value = .map(["a": value]) }
        let event = SpanEvent(timeUnixNano: 1, name: "e", attributes: ["deep": value])
        var span = SpanData(
            traceID: TraceID(high: 1, low: 2), spanID: SpanID(value: 3), name: "s", startTimeUnixNano: 1,
            endTimeUnixNano: 2)
        span.events = [event]
        let request = ExportTraceServiceRequest(resourceSpans: [
            ResourceSpans(
                resource: Resource(), scopeSpans: [ScopeSpans(scope: .init(name: "t"), spans: [span])])
        ])
        let survived = SmallStack.run {
            let binary = try OTLPProtobuf.decode(
                ExportTraceServiceRequest.self, from: OTLPProtobuf.encode(request))
            let text = try OTLPJSON.decode(ExportTraceServiceRequest.self, from: OTLPJSON.encode(request))
            return binary == request && text == request
        }
        #expect(survived)
    }

    @Test("an array that is sent in many pieces is put together in time that grows with its size")
    func repeatedArray() throws {
        let pieces = Array([[UInt8]](repeating: [0x2a, 2, 0x0a, 0], count: 200_000).joined())
        let start = ContinuousClock.now
        let value = try OTLPProtobuf.decode(AttributeValue.self, from: pieces)
        // Copying for each piece would take minutes, this takes a fraction of a second.
        #expect(ContinuousClock.now - start < .seconds(20))
        guard case .array(let elements) = value else {
            Issue.record("not an array")
            return
        }
        #expect(elements.count == 200_000)
    }

    /// `count` arrays inside each other.
    private static func nestedArrays(_ count: Int) -> (binary: [UInt8], text: [UInt8]) {
        var binary: [UInt8] = []
        var text = "{}"
        for _ in 0..<count {
            binary = lengthDelimited(5, lengthDelimited(1, binary))
            text = #"{"arrayValue":{"values":[\#(text)]}}"#
        }
        return (binary, Array(text.utf8))
    }

    private static func lengthDelimited(_ field: UInt32, _ body: [UInt8]) -> [UInt8] {
        let size = ProtobufBytes.lengthDelimitedSize(field, count: body.count)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard var cursor = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            body.withUnsafeBytes { ProtobufBytes.putLengthDelimited(field, $0, at: &cursor) }
            count = size
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import Testing

@Suite("Model: ids")
struct IdentifierTests {
    private static let traceHex = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let spanHex = "00f067aa0ba902b7"

    @Test("an id reads hexadecimal of either case and writes it in lower case")
    func hex() throws {
        #expect(try #require(TraceID(hex: Self.traceHex.uppercased())).hex == Self.traceHex)
        #expect(try #require(SpanID(hex: Self.spanHex.uppercased())).hex == Self.spanHex)
        #expect("\(try #require(TraceID(hex: Self.traceHex)))" == Self.traceHex)
    }

    @Test("an id keeps its leading zeros", arguments: [UInt64(0), 1, 0xff, .max])
    func padding(value: UInt64) {
        let id = SpanID(value: value)
        #expect(id.hex.utf8.count == 16)
        #expect(SpanID(hex: id.hex) == id)
        #expect(TraceID(hex: TraceID(high: 0, low: value).hex) == TraceID(high: 0, low: value))
    }

    @Test(
        "anything but the exact number of hexadecimal digits is no id",
        arguments: [
            "", "0", "00f067aa0ba902b", "00f067aa0ba902b7a", "00f067aa0ba902bg", "00f067aa0ba902é",
            "+0f067aa0ba902b7",
        ])
    func badHex(text: String) {
        #expect(SpanID(hex: text) == nil)
        #expect(TraceID(hex: text + Self.spanHex) == nil)
    }

    @Test("bytes stand in the order of the wire, and any other count is no id")
    func bytes() {
        let bytes = (UInt8(1)...16).map { $0 }
        #expect(TraceID(bytes: bytes) == TraceID(high: 0x0102_0304_0506_0708, low: 0x090a_0b0c_0d0e_0f10))
        #expect(TraceID(bytes: bytes)?.bytes == bytes)
        #expect(SpanID(bytes: bytes.prefix(8))?.bytes == Array(bytes.prefix(8)))
        #expect(TraceID(bytes: bytes.dropLast()) == nil)
        #expect(SpanID(bytes: bytes) == nil)
    }

    @Test("the id of zeros alone is invalid")
    func validity() {
        #expect(!TraceID.invalid.isValid && !SpanID.invalid.isValid)
        #expect(
            TraceID(high: 0, low: 1).isValid && TraceID(high: 1, low: 0).isValid && SpanID(value: 1).isValid)
        #expect(TraceID(hex: String(repeating: "0", count: 32)) == .invalid)
    }

    @Test("ids are ordered as their texts are")
    func order() {
        let ids = [(0, 1), (0, .max), (1, 0), (.max, .max)].map { TraceID(high: $0.0, low: $0.1) }
        #expect(ids.sorted() == ids)
        #expect(ids.map(\.hex).sorted() == ids.map(\.hex))
    }
}

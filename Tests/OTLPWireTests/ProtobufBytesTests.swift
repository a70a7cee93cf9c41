// SPDX-License-Identifier: Apache-2.0

@_spi(SpanPath) import OTLPWire
import Testing

@Suite("Wire: byte primitives")
struct ProtobufBytesTests {
    private static let numbers: [UInt64] =
        (0..<64).flatMap { bit in [UInt64(1) << bit, UInt64(1) << bit - 1] } + [.max]

    @Test("a varint takes the size that was foretold and reads back", arguments: numbers)
    func varint(number: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: ProtobufBytes.varintSizeMax, alignment: 1) { buffer in
            guard let start = buffer.baseAddress else { return }
            var cursor = start
            ProtobufBytes.putVarint(number, at: &cursor)
            #expect(cursor - start == ProtobufBytes.varintSize(number))
            var reader = UnsafeRawPointer(start)
            #expect(ProtobufBytes.varint(at: &reader, end: cursor) == number)
            #expect(reader == UnsafeRawPointer(cursor))
            // One byte short is no number, and moves nothing.
            reader = UnsafeRawPointer(start)
            #expect(ProtobufBytes.varint(at: &reader, end: cursor - 1) == nil)
            #expect(reader == UnsafeRawPointer(start))
        }
    }

    @Test("a tag holds number and type")
    func tags() {
        #expect(ProtobufBytes.tag(1, .lengthDelimited) == 0x0a)
        #expect(ProtobufBytes.tag(16, .fixed32) == 0x85)
        #expect(ProtobufBytes.tagSize(15) == 1)
        #expect(ProtobufBytes.tagSize(16) == 2)
        #expect(ProtobufBytes.lengthDelimitedSize(16, count: 128) == 2 + 2 + 128)
    }

    @Test(
        "a string takes the size that was foretold",
        arguments: ["", "a", "größer 🔥", String(repeating: "x", count: 200)])
    func strings(text: String) {
        let size = ProtobufBytes.lengthDelimitedSize(2, count: text.utf8.count)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let start = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
            var cursor = start
            ProtobufBytes.putString(2, text, at: &cursor)
            count = cursor - start
        }
        #expect(bytes.count == size)
        #expect(Array(bytes.suffix(text.utf8.count)) == Array(text.utf8))
    }
}

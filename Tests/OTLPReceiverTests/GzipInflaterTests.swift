// SPDX-License-Identifier: Apache-2.0

import GzipFixtures
import NIOCore
import Testing

@testable import OTLPReceiver

@Suite("Gzip inflater")
struct GzipInflaterTests {
    private static let text = Array(String(repeating: "a span is a span is a span; ", count: 5_000).utf8)

    private func inflate(_ pieces: [ByteBuffer], bytesMax: Int = 1 << 20) throws -> [UInt8] {
        var inflater = try GzipInflater(bytesMax: bytesMax)
        var output = ByteBuffer()
        for piece in pieces { try inflater.inflate(piece, into: &output) }
        try inflater.finish()
        return output.bytes
    }

    @Test(
        "gives back what was compressed, however it is cut into pieces", arguments: [1, 2, 7, 100, 1 << 20])
    func pieces(size: Int) throws {
        #expect(try inflate(gzip(Self.text).pieces(of: size)) == Self.text)
    }

    @Test("no bytes are no bytes")
    func empty() throws {
        #expect(try inflate([]) == [])
        #expect(try inflate([gzip([])]) == [])
    }

    @Test("members one behind the other are one stream", arguments: [1, 1 << 20])
    func members(size: Int) throws {
        var both = gzip(Self.text)
        both.writeImmutableBuffer(gzip([1, 2, 3]))
        #expect(try inflate(both.pieces(of: size)) == Self.text + [1, 2, 3])
    }

    @Test("an input cut off at any place is truncated, never a result")
    func cut() throws {
        let whole = gzip(Array("short".utf8))
        for count in 1..<whole.readableBytes {
            let part = try #require(whole.getSlice(at: 0, length: count))
            #expect(throws: GzipInflater.Failure.truncated, "\(count) bytes") { try inflate([part]) }
        }
    }

    @Test("what is not gzip is refused")
    func garbage() {
        #expect(throws: GzipInflater.Failure.notGzip) { try inflate([ByteBuffer(string: "plain text")]) }
    }

    @Test("something behind the last member is refused")
    func trailing() {
        var bytes = gzip([1, 2, 3])
        bytes.writeString("rest")
        #expect(throws: GzipInflater.Failure.notGzip) { try inflate([bytes]) }
    }

    @Test("a wrong checksum is refused")
    func checksum() throws {
        var bytes = gzip(Self.text)
        let place = bytes.writerIndex - 8
        let byte = try #require(bytes.getInteger(at: place, as: UInt8.self))
        bytes.setInteger(byte ^ 1, at: place)
        #expect(throws: GzipInflater.Failure.notGzip) { try inflate([bytes]) }
    }

    @Test("exactly the limit passes, one byte less does not")
    func limit() throws {
        let bytes = gzip(Self.text)
        #expect(try inflate([bytes], bytesMax: Self.text.count) == Self.text)
        #expect(throws: GzipInflater.Failure.overLimit) {
            try inflate([bytes], bytesMax: Self.text.count - 1)
        }
    }

    @Test("a bomb stops at the limit and is not expanded further")
    func bomb() throws {
        let bomb = gzip([UInt8](repeating: 0, count: 50 << 20))
        var inflater = try GzipInflater(bytesMax: 1 << 20)
        var output = ByteBuffer()
        #expect(throws: GzipInflater.Failure.overLimit) { try inflater.inflate(bomb, into: &output) }
        #expect(output.readableBytes <= 1 << 20 + 1)
        #expect(output.capacity < 8 << 20)
    }
}

// SPDX-License-Identifier: Apache-2.0

import ExportCompression
import GzipFixtures
import NIOCore
import Testing

@Suite("Export: gzip")
struct GzipTests {
    @Test(
        "what is compressed decompresses to the same, none, few and many bytes, random and equal ones",
        arguments: [0, 1, 1_000, 1 << 20])
    func roundTrip(count: Int) throws {
        var random = SystemRandomNumberGenerator()
        for bytes in [
            [UInt8](repeating: 7, count: count),
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) },
        ] {
            let compressed = try #require(Gzip.compress(bytes))
            #expect(gunzip(Array(compressed.readableBytesView)) == bytes)
        }
        let zeros = try #require(Gzip.compress([UInt8](repeating: 0, count: 1 << 20)))
        #expect(zeros.readableBytes < 2_000)
    }

    @Test("what was compressed comes back, several members as one", arguments: [0, 1, 1_000, 200_000])
    func decompressed(count: Int) throws {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
        let packed = Array(try #require(Gzip.compress(bytes)).readableBytesView)
        #expect(Gzip.decompress(packed, bytesMax: count) == bytes)
        #expect(Gzip.decompress(packed + packed, bytesMax: 2 * count) == bytes + bytes)
    }

    @Test("more than the limit is not given out, and what is cut off is nothing")
    func refused() throws {
        let large = Array(
            try #require(Gzip.compress([UInt8](repeating: 7, count: 1 << 20))).readableBytesView)
        #expect(Gzip.decompress(large, bytesMax: 1 << 20 - 1) == nil)
        let small = Array(try #require(Gzip.compress(Array("a message".utf8))).readableBytesView)
        for count in 0..<small.count { #expect(Gzip.decompress(Array(small[..<count]), bytesMax: 99) == nil) }
        #expect(Gzip.decompress(Array("a message".utf8), bytesMax: 99) == nil)
    }
}

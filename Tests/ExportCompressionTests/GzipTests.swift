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
}

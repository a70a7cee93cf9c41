// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import ContrailGRDB

@Suite("SQL scanner")
struct SQLScannerTests {
    @Test("tokens cover all bytes, in order, whatever the bytes are")
    func coversAnything() {
        let alphabet = Array(#"'"`[]xX-/*.:@$#?()eE+0179a_ ;,"#.utf8) + [0, 0x0A, 0x80, 0xFF]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            var scanner = SQLScanner(bytes)
            var position = 0
            while let token = scanner.next() {
                guard token.range.lowerBound == position, !token.range.isEmpty else {
                    Issue.record("\(bytes): token \(token) does not follow \(position)")
                    break
                }
                position = token.range.upperBound
            }
            #expect(position == bytes.count, "\(bytes)")
            _ = SQLDescription(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(
        "the time grows with the length and no faster",
        arguments: ["'", "\"", "[", "/*", "--", "1e+", "0x", "$a::", "$a(", "(", "a.", "SELECT ", ",", "''"])
    func linear(piece: String) {
        func steps(_ count: Int) -> Duration {
            let bytes = Array(String(repeating: piece, count: count).utf8)
            return (0..<3).map { _ in
                ContinuousClock().measure {
                    var scanner = SQLScanner(bytes)
                    while scanner.next() != nil {}
                }
            }.min() ?? .zero
        }
        let short = steps(2_000)
        let long = steps(32_000)
        // 16 times the text: quadratic time would be 256 times as much. The rest is a busy machine's share.
        #expect(long < short * 100 + .milliseconds(50), "\(short) → \(long)")
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("the parts of a block")
struct BlockTests {
    @Test(
        "a filter never rules out what it was given, and most of what it was not",
        arguments: [0, 1, 500, 60_000])
    func filter(count: Int) throws {
        func token(_ number: Int) -> UInt64 {
            AttributeToken.token(key: "user.id", value: .string("user \(number)")) ?? 0
        }
        let filter = try #require(TokenFilter(bytes: TokenFilter(tokens: (0..<count).map(token)).bytes))
        #expect((0..<count).allSatisfy { filter.mayContain(token($0)) })
        let wrong = (count..<count + 4_000).count { filter.mayContain(token($0)) }
        #expect(wrong < 4_000 / 10)
    }

    @Test("a condition's tokens include the token of every value that meets it")
    func tokens() {
        let values: [AttributeValue] = [
            "200", 200, 0.5, -0.0, 0.0, .double(.nan), .double(.infinity), true, false, "true", "", 1e300,
            .int(.min),
            3.0, "3",
        ]
        let texts = [
            "200", "0.5", "-0.0", "0", "nan", "inf", "true", "false", "", "1e300", "\(Int64.min)", "3", "3.0",
        ]
        for text in texts {
            let condition = TraceQuery.AttributeCondition(key: "k", value: text)
            let tokens = AttributeToken.tokens(of: condition)
            for value in values where condition.isMet(by: ["k": value]) {
                let token = AttributeToken.token(key: "k", value: value)
                #expect(tokens.contains { $0 == token }, "\(text) \(value)")
            }
        }
    }

    @Test("tokens and bits are the same in every version: files depend on them")
    func stable() {
        #expect(AttributeToken.token(key: "http.request.method", value: "GET") == 0x2c9d_e77b_1548_3082)
        #expect(AttributeToken.token(key: "user.id", value: 42) == 0x9fa3_a98e_b7fd_b0ac)
    }

    @Test("segments come back from the journal and blocks from their bytes as they were")
    func roundTrip() throws {
        let segment = SegmentBuilder.segment(of: Numbered.batch(first: 5, count: 333))
        let again = try Segment(bytes: segment.bytes)
        #expect(again.table.groups == segment.table.groups)
        #expect(again.table.rows == segment.table.rows)
        #expect(again.operations == segment.operations)
        #expect(again.envelopes == segment.envelopes)
        #expect(again.records == segment.records)
        #expect(Set(again.tokens) == Set(segment.tokens))
        let active = ActiveSegment(
            segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
        let blocks = BlockBuilder.blocks(of: [active])
        let block = try #require(blocks.first)
        let stored = try StoredBlock(number: 1, bytes: block.rowBytes)
        #expect(stored.table.rows == block.table.rows)
        #expect(stored.table.groups == block.table.groups)
        #expect(try block.frames.flatMap { try Frame.unpack($0) }.count == segment.records.count)
    }

    @Test("a great request becomes even blocks, and one trace greater than a block is cut")
    func sizes() {
        func sizes(_ batch: [ResourceSpans]) -> [Int] {
            let segment = SegmentBuilder.segment(of: batch)
            let active = ActiveSegment(
                segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
            return BlockBuilder.blocks(of: [active]).map(\.table.rows.count)
        }
        let many = sizes(Numbered.batch(first: 0, count: 30_000))
        #expect(many.reduce(0, +) == 30_000)
        #expect(many.count == 3)
        #expect(many.allSatisfy { $0 >= 9_990 })
        var one = Numbered.batch(first: 0, count: 30_000)
        for index in one[0].scopeSpans[0].spans.indices {
            one[0].scopeSpans[0].spans[index].traceID = TraceID(high: 1, low: 1)
        }
        let cut = sizes(one)
        #expect(cut.reduce(0, +) == 30_000)
        #expect((cut.max() ?? 0) <= 2 * BlockBuilder.spansPerBlock + 4_000)
    }
}

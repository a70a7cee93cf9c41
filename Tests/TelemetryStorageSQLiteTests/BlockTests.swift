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
        #expect(again.table.parts == segment.table.parts)
        #expect(again.table.rows == segment.table.rows)
        #expect(again.operations == segment.operations)
        #expect(again.origins.resources == segment.origins.resources)
        #expect(again.origins.origins == segment.origins.origins)
        #expect(again.byteCount - segment.byteCount == 2, "the counts before resources and origins")
        #expect(again.records == segment.records)
        #expect(Set(again.tokens) == Set(segment.tokens))
        let active = ActiveSegment(
            segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
        let blocks = BlockBuilder.blocks(of: [active])
        let block = try #require(blocks.first)
        let stored = try StoredBlock(number: 1, bytes: block.rowBytes)
        #expect(stored.table.rows == block.table.rows)
        #expect(stored.table.parts == block.table.parts)
        #expect(try block.frames.flatMap { try Frame.unpack($0) }.count == segment.records.count)
    }

    /// One span in each of `scopes` scopes of a resource with an attribute of `bytes` bytes.
    private func batch(scopes: UInt64, resource bytes: Int, key: String) -> [ResourceSpans] {
        var batch = Numbered.batch(first: 0, count: scopes)
        let spans = batch[0].scopeSpans[0].spans
        batch[0].resource = Resource(attributes: [key: .string(String(repeating: "x", count: bytes))])
        batch[0].scopeSpans = spans.enumerated().map { index, span in
            var span = span
            span.name = "work \(index)"
            return ScopeSpans(scope: InstrumentationScope(name: "scope \(index)"), spans: [span])
        }
        return batch
    }

    @Test("a great resource with thousands of scopes is kept once")
    func resourceOnce() async throws {
        let batch = batch(scopes: 5_000, resource: 1 << 20, key: "note")
        let segment = SegmentBuilder.segment(of: batch)
        #expect(segment.bytes.count < 3 << 20)
        #expect(segment.byteCount > 1 << 20, "the resource counts")
        let active = ActiveSegment(
            segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
        #expect(BlockBuilder.blocks(of: [active]).map(\.rowBytes.count).reduce(0, +) < 3 << 20)
        let store = try SQLiteTraceStore.inMemory()
        try await store.write(batch)
        let trace = try await store.trace(TraceID(high: 1, low: 1))
        #expect(trace?.map(\.scopeSpans.count) == [10])
        await store.close()
    }

    @Test("a request that would grow beyond the limit is refused before anything is written")
    func tooLarge() async throws {
        let store = try SQLiteTraceStore.inMemory()
        // Each operation has its service's name.
        let batch = batch(scopes: 200, resource: 1 << 20, key: "service.name")
        await #expect(throws: StorageError.tooLarge(limit: Segment.bytesMax)) { try await store.write(batch) }
        #expect(try await store.services() == [])
        await store.close()
    }

    @Test("blocks are cut by bytes too")
    func cutByBytes() {
        var batch = Numbered.batch(first: 0, count: 640)
        let text = String(repeating: "x", count: 100_000)
        for index in batch[0].scopeSpans[0].spans.indices {
            batch[0].scopeSpans[0].spans[index].attributes = ["text": .string(text)]
        }
        let segment = SegmentBuilder.segment(of: batch)
        let active = ActiveSegment(
            segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
        #expect(BlockBuilder.blocks(of: [active]).map(\.table.rows.count) == [170, 170, 170, 130])
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

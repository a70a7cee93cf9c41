// SPDX-License-Identifier: Apache-2.0

import StorageContract
import TelemetryModel
import TelemetryStorage
import Testing
import WireFixtures

@testable import TelemetryStorageSQLite

@Suite("what is known of a block without opening it")
struct BlockInfoTests {
    @Test(
        "an info from before, with one latest start for all operations or with exact ones, agrees with its rows",
        arguments: [false, true])
    func oldInfo(hasStarts: Bool) throws {
        let info = try twoOperations()
        func old(_ change: UInt64) -> [UInt8] {
            var out = ByteWriter()
            out.fixed64(info.startMin)
            out.fixed64(info.startMax)
            out.fixed64(info.partStartMax)
            out.varint(info.operations.count)
            for figures in info.operations {
                out.varint(figures.operation)
                out.byte(figures.statuses)
                out.varint(5)
                out.varint(5 + change)
            }
            if hasStarts {
                out.varint(8 << 20)
                out.varint(0)
            }
            return out.bytes
        }
        let stored = try BlockInfo(number: 1, filter: info.filter, bytes: old(0))
        #expect(info.agrees(with: stored))
        #expect(info.agrees(with: info))
        #expect(!info.agrees(with: try BlockInfo(number: 1, filter: info.filter, bytes: old(1))))
        #expect(
            stored.latestStart(meeting: SpanCondition(TraceQuery()), operations: OperationNumbers([0]))
                == (hasStarts ? 1 << 20 : info.partStartMax))
    }

    @Test("a duration in one byte bounds it by a quarter, from both sides")
    func durationBounds() {
        var random = SeededGenerator(seed: 3)
        var durations: [UInt64] = [.max, .max - 1, 1 << 63, 7 << 61, (7 << 61) + 1]
        durations += 0..<70
        for _ in 0..<10_000 {
            let bits = UInt64.random(in: 0..<64, using: &random)
            durations.append(UInt64.random(in: 0 ... .max, using: &random) >> bits)
        }
        for duration in durations {
            let (below, above) = (DurationBound.below(duration), DurationBound.above(duration))
            #expect(below.lower <= duration && above.upper >= duration)
            #expect(duration - below.lower <= duration / 4)
            #expect(above.upper == .max || above.upper - duration <= duration / 4)
            #expect(DurationBound(code: below.code).lower == below.lower)
        }
    }

    @Test("the latest start of an operation is that of its own traces, also behind a file")
    func latestStart() throws {
        let info = try twoOperations()
        let read = try BlockInfo(number: 1, info: info.row.info, filter: info.row.filter)
        for info in [info, read] {
            let starts = [0, 1].map { operation in
                info.latestStart(
                    meeting: SpanCondition(TraceQuery()), operations: OperationNumbers([operation]))
            }
            #expect(starts == [1 << 20, 9 << 20])
            #expect(info.latestStart(meeting: SpanCondition(TraceQuery()), operations: nil) == 9 << 20)
            #expect(
                info.latestStart(meeting: SpanCondition(TraceQuery()), operations: OperationNumbers([7]))
                    == nil)
        }
    }

    @Test("blocks come by their latest match, each that may have one")
    func candidates() throws {
        var random = SeededGenerator(seed: 7)
        let condition = SpanCondition(TraceQuery())
        let infos = try (0..<60).map { number in
            let latest = UInt64.random(in: 1_000...9_000, using: &random) << 20
            let operations = (0..<5).filter { _ in Bool.random(using: &random) }
            var out = ByteWriter()
            out.fixed64(1)
            out.fixed64(latest)
            out.fixed64(latest)
            out.varint(operations.count)
            for operation in operations {
                out.varint(operation)
                out.byte(1)
                out.varint(1)
                out.varint(5)
            }
            for _ in operations { out.varint(UInt64.random(in: 0...900, using: &random) << 20) }
            return try BlockInfo(number: Int64(number), filter: TraceFilter([]), bytes: out.bytes)
        }
        for wanted in [nil, OperationNumbers([0]), OperationNumbers([1, 3]), OperationNumbers([7])] {
            var candidates = BlockCandidates(infos, condition, wanted)
            var found: [UInt64] = []
            while let next = candidates.next() {
                found.append(next.latest)
                #expect(infos[next.index].latestStart(meeting: condition, operations: wanted) == next.latest)
            }
            let all = infos.compactMap { $0.latestStart(meeting: condition, operations: wanted) }
            #expect(found == all.sorted(by: >))
        }
    }

    /// Of a block with a trace of one operation that begins at 2^20, and one of another at 9 * 2^20.
    private func twoOperations() throws -> BlockInfo {
        var batch = Numbered.batch(first: 0, count: 2)
        for (index, start) in [1 << 20, 9 << 20].enumerated() {
            batch[0].scopeSpans[0].spans[index].traceID = TraceID(high: 1, low: UInt64(index) + 1)
            batch[0].scopeSpans[0].spans[index].name = "operation \(index)"
            batch[0].scopeSpans[0].spans[index].startTimeUnixNano = UInt64(start)
            batch[0].scopeSpans[0].spans[index].endTimeUnixNano = UInt64(start) + 5
        }
        return try #require(try BlockEncoder.blocks(of: try ActiveBlock(holding: batch)).first).info
    }
}

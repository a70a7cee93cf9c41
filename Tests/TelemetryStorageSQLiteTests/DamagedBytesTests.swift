// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("bytes of the store that were changed")
struct DamagedBytesTests {
    @Test("a changed segment, block, frame or record gives an error or other values, never a trap")
    func neverTraps() throws {
        let segment = SegmentBuilder.segment(of: Numbered.batch(first: 0, count: 60))
        let active = ActiveSegment(
            segment: segment, operationNumbers: segment.operations.indices.map { UInt32($0) })
        let block = try #require(BlockBuilder.blocks(of: [active]).first)
        let frame = try #require(block.frames.first)
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<4_000 {
            read(mutated(segment.bytes, &numbers)) { bytes throws(StorageError) in
                _ = try Segment(bytes: bytes)
            }
            read(mutated(block.rowBytes, &numbers)) { bytes throws(StorageError) in
                let block = try StoredBlock(number: 1, bytes: bytes)
                for row in block.table.rows.indices { _ = block.frame(ofRow: row) }
            }
            read(mutated(frame, &numbers)) { bytes throws(StorageError) in _ = try Frame.unpack(bytes) }
            read(mutated(block.info.bytes, &numbers)) { bytes throws(StorageError) in
                _ = try BlockInfo(number: 1, traceStartMin: 0, bytes: bytes)
            }
            read(mutated(segment.records, &numbers)) { bytes throws(StorageError) in
                for row in segment.table.rows {
                    var input = ByteReader(
                        bytes, from: row.recordOffset, to: row.recordOffset + row.recordLength)
                    _ = try SpanRecord.span(
                        of: row, in: TraceID(high: 1, low: 1), operation: segment.operations[0], from: &input)
                }
            }
        }
    }

    @Test("a block that is cut anywhere gives an error")
    func cut() throws {
        let segment = SegmentBuilder.segment(of: Numbered.batch(first: 0, count: 20))
        let bytes = segment.bytes
        for end in 0..<bytes.count {
            #expect(throws: StorageError.self) { try Segment(bytes: Array(bytes[..<end])) }
        }
    }

    private func read(_ bytes: [UInt8], _ body: ([UInt8]) throws(StorageError) -> Void) {
        do throws(StorageError) { try body(bytes) } catch {
            guard case .damaged = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    private func mutated(_ bytes: [UInt8], _ numbers: inout SystemRandomNumberGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &numbers) where !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &numbers)
            case 1: bytes[index] = .random(in: 0...255, using: &numbers)
            case 2: bytes.remove(at: index)
            default: bytes.insert(0xff, at: index)
            }
        }
        return bytes
    }
}

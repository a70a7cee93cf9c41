// SPDX-License-Identifier: Apache-2.0

import StorageContract
import TelemetryModel
import TelemetryStorage
import Testing
import WireFixtures

@testable import TelemetryStorageSQLite

@Suite("bytes of the store that were changed")
struct DamagedBytesTests {
    @Test("a changed request gives an error or other spans, never a trap")
    func requests() throws {
        var random = RandomTelemetry(seed: 5)
        var numbers = SystemRandomNumberGenerator()
        for _ in 0..<60 {
            let bytes = EncodedSpans([random.resourceSpans(), random.resourceSpans()]).bytes
            for _ in 0..<200 {
                var active = ActiveBlock()
                read(mutated(bytes, &numbers)) { bytes throws(StorageError) in
                    try bytes.withRawBytes { (raw) throws(StorageError) in try active.append(raw) }
                }
                active.operationNumbers = active.operations.indices.map { UInt32($0) }
                read([]) { _ throws(StorageError) in _ = try BlockEncoder.blocks(of: active) }
            }
        }
    }

    @Test("changed sections give an error or other values, never a trap")
    func sections() throws {
        let active = try sampleBlock()
        let block = try #require(try BlockEncoder.blocks(of: active).first)
        var numbers = SystemRandomNumberGenerator()
        var unpacked: [Int: [UInt8]] = [:]
        for section in block.sections { unpacked[section.number] = try Section.unpack(section.bytes) }
        let headBytes = try #require(unpacked[SectionNumber.head])
        let head = try BlockHead(number: 1, bytes: headBytes)
        for _ in 0..<1_500 {
            for section in block.sections {
                read(mutated(section.bytes, &numbers)) { bytes throws(StorageError) in
                    _ = try Section.unpack(bytes)
                }
            }
            // As if the checksum had not been there.
            read(mutated(headBytes, &numbers)) { bytes throws(StorageError) in
                _ = try BlockHead(number: 1, bytes: bytes)
            }
            let changed = Int.random(in: 1...5, using: &numbers)
            let bytes = mutated(unpacked[changed] ?? [], &numbers)
            read([]) { _ throws(StorageError) in
                let section = { (number: Int) -> [UInt8] in number == changed ? bytes : unpacked[number] ?? []
                }
                _ = try StoredTraces.mayHave(TraceID(high: 1, low: 2), head, section(SectionNumber.traces))
                let traces = try StoredTraces(head, section(SectionNumber.traces))
                let codes = try StoredCodes(head, section(SectionNumber.codes))
                let stored = try StoredBlock(head, traces, codes, section)
                for part in traces.parts { _ = try? stored.rows(of: part) }
                var cursor = ColumnCursor(stored)
                for row in 0..<head.rowCount { cursor.move(to: row) }
            }
            for (slot, column) in head.columns.enumerated() where column.slot.hasValue {
                read(mutated(unpacked[SectionNumber.values(ofSlot: slot)] ?? [], &numbers)) {
                    bytes throws(StorageError) in
                    let stored = try StoredColumn(bytes, column)
                    var newEntries = StoredColumn.NewEntries()
                    for position in 0..<stored.count { _ = stored.value(position, &newEntries) }
                    _ = stored.contains(in: 5...5)
                    _ = stored.positions(of: 3)
                    _ = stored.contains(in: -9...0)
                }
                read(mutated(unpacked[SectionNumber.dictionary(ofSlot: slot)] ?? [], &numbers)) {
                    bytes throws(StorageError) in
                    let dictionary = try StoredDictionary(bytes, countMax: column.count)
                    for entry in 0...dictionary.count { _ = dictionary.entry(entry) }
                    _ = dictionary.number(of: "value 7")
                    dictionary.forEachEntry { _, _ in true }
                    try dictionary.validate()
                }
            }
            read(mutated(block.info.bytes, &numbers)) { bytes throws(StorageError) in
                _ = try BlockInfo(number: 1, filter: block.info.filter, bytes: bytes)
            }
        }
    }

    @Test("one changed bit anywhere in a section is found by its checksum")
    func checksum() throws {
        let block = try #require(try BlockEncoder.blocks(of: try sampleBlock()).first)
        let bytes = try #require(block.sections.first { $0.number == SectionNumber.times }?.bytes)
        for index in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: StorageError.self) { try Section.unpack(changed) }
            }
        }
    }

    private func sampleBlock() throws -> ActiveBlock {
        var active = ActiveBlock()
        let bytes = EncodedSpans(Numbered.batch(first: 0, count: 300)).bytes
        try bytes.withRawBytes { (raw) throws(StorageError) in try active.append(raw) }
        active.operationNumbers = active.operations.indices.map { UInt32($0) }
        return active
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

// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// The distinct values of a slot in a block, as they are read back: one by one, never all.
final class StoredDictionary: Sendable {
    /// From this many entries on texts are taken apart (``TextTemplate``).
    static let templateMin = 64
    /// More skeletons than a quarter of the entries: they have no form in common.
    private static let skeletonShare = 4

    private static let plain: UInt8 = 0
    private static let templates: UInt8 = 1

    private enum Content: Sendable {
        /// The section; where in it the first entry begins, and each ends.
        case plain([UInt8], start: Int, ends: [UInt32])
        /// By entry its skeleton and its rank among the entries of that; by skeleton and run the numbers.
        case templates(
            skeletons: [[UInt8]], skeletonOf: PackedNumbers, rank: [UInt32], numbers: [[PackedNumbers]])
    }

    private let content: Content
    let count: Int
    /// About what it takes in memory.
    let byteCount: Int

    /// The entries `numbers` of a dictionary, in this order.
    static func write(
        _ dictionary: ByteDictionary, _ numbers: [Int], areTexts: Bool, to section: inout SectionWriter
    ) throws(StorageError) {
        if areTexts, numbers.count >= templateMin,
            try writeTemplates(dictionary, numbers, to: &section)
        {
            return
        }
        var bytes = ByteWriter()
        var ends: [UInt64] = []
        for number in numbers {
            dictionary.withEntry(number) { entry in
                bytes.raw(entry)
                ends.append(UInt64(entry.count))
            }
        }
        try section.frame([plain])
        try NumberColumn.write(ends, to: &section)
        try section.frame(bytes.bytes)
    }

    private static func writeTemplates(
        _ dictionary: ByteDictionary, _ numbers: [Int], to section: inout SectionWriter
    ) throws(StorageError) -> Bool {
        var skeletons = ByteDictionary()
        var skeletonOf: [UInt64] = []
        skeletonOf.reserveCapacity(numbers.count)
        // All runs of the first skeleton, then those of the second …
        var columns: [GrownBuffer<UInt64>] = []
        var firstColumn: [Int] = []
        var template = TextTemplate()
        for number in numbers {
            dictionary.withEntry(number) { template.take($0) }
            let skeleton = template.skeleton.withUnsafeBytes { skeletons.add(bytes: $0) }
            if skeletons.count > numbers.count / skeletonShare { return false }
            if skeleton == firstColumn.count {
                firstColumn.append(columns.count)
                for _ in template.numbers { columns.append(GrownBuffer()) }
            }
            skeletonOf.append(UInt64(skeleton))
            var column = firstColumn[skeleton]
            for number in template.numbers {
                columns[column].append(number)
                column += 1
            }
        }
        var head = ByteWriter()
        head.byte(templates)
        head.varint(skeletons.count)
        for skeleton in 0..<skeletons.count { head.data(skeletons.entry(skeleton)) }
        try section.frame(head.bytes)
        try NumberColumn.write(skeletonOf, to: &section)
        for column in columns {
            try column.withValues { (numbers) throws(StorageError) in
                try NumberColumn.write(numbers, to: &section)
            }
        }
        return true
    }

    init(_ bytes: [UInt8], countMax: Int) throws(StorageError) {
        var input = ByteReader(bytes)
        switch try input.byte() {
        case Self.plain:
            let lengths = try NumberColumn.read(from: &input, countMax: countMax)
            let start = input.offset
            var end = start
            var ends: [UInt32] = []
            ends.reserveCapacity(lengths.count)
            for length in lengths {
                guard length <= UInt64(bytes.count - end) else { throw .damaged("a dictionary") }
                end += Int(length)
                // Unpacked sections are below 2^30 bytes.
                ends.append(UInt32(truncatingIfNeeded: end))
            }
            guard end == bytes.count else { throw .damaged("a dictionary") }
            count = ends.count
            content = .plain(bytes, start: start, ends: ends)
            byteCount = bytes.count + ends.count * 4
        case Self.templates:
            var skeletons: [[UInt8]] = []
            for _ in 0..<(try input.count()) { skeletons.append(try input.data()) }
            let codes = try PackedNumbers(from: &input, of: bytes, countMax: countMax)
            guard codes.areAll(below: skeletons.count) else { throw .damaged("a dictionary") }
            var entries = [Int](repeating: 0, count: skeletons.count)
            var rank: [UInt32] = []
            rank.reserveCapacity(codes.count)
            codes.forEach(in: 0..<codes.count) { skeleton in
                rank.append(UInt32(truncatingIfNeeded: entries[Int(skeleton)]))
                entries[Int(skeleton)] += 1
            }
            var numbers: [[PackedNumbers]] = []
            for (skeleton, count) in zip(skeletons, entries) {
                var runs: [PackedNumbers] = []
                for _ in 0..<TextTemplate.runCount(of: skeleton) {
                    let run = try PackedNumbers(from: &input, of: bytes, countMax: countMax)
                    guard run.count == count else { throw .damaged("a dictionary") }
                    runs.append(run)
                }
                numbers.append(runs)
            }
            count = codes.count
            content = .templates(skeletons: skeletons, skeletonOf: codes, rank: rank, numbers: numbers)
            byteCount = bytes.count + rank.count * 4 + skeletons.count * 120 + 200
        default: throw .damaged("a dictionary of an unknown form")
        }
    }

    /// The bytes of an entry; empty for a number that is none.
    func entry(_ number: Int) -> [UInt8] {
        guard number < count else { return [] }
        switch content {
        case .plain(let bytes, let start, let ends):
            return Array(bytes[(number == 0 ? start : Int(ends[number - 1]))..<Int(ends[number])])
        case .templates(let skeletons, let skeletonOf, let rank, let numbers):
            let skeleton = Int(skeletonOf[number])
            let place = Int(rank[number])
            return TextTemplate.text(skeletons[skeleton]) { numbers[skeleton][$0][place] }
        }
    }

    /// The number of a text; nil when it is not there.
    func number(of text: String) -> Int? {
        var text = text
        return text.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
    }

    private func number(of value: UnsafeRawBufferPointer) -> Int? {
        switch content {
        case .plain(let bytes, let start, let ends):
            return bytes.withUnsafeBytes { all in
                var start = start
                for (number, end) in ends.enumerated() {
                    if Int(end) - start == value.count,
                        sameBytes(UnsafeRawBufferPointer(rebasing: all[start..<Int(end)]), value)
                    {
                        return number
                    }
                    start = Int(end)
                }
                return nil
            }
        case .templates(let skeletons, let skeletonOf, let rank, let numbers):
            let wanted = TextTemplate(value)
            guard let skeleton = skeletons.firstIndex(of: wanted.skeleton),
                let place = Self.place(of: wanted.numbers, in: numbers[skeleton])
            else { return nil }
            return rank.indices.first { rank[$0] == UInt32(place) && skeletonOf[$0] == UInt64(skeleton) }
        }
    }

    /// Where all runs have the wanted numbers.
    private static func place(of wanted: [UInt64], in runs: [PackedNumbers]) -> Int? {
        guard let first = runs.first else { return 0 }
        var place = first.firstIndex(of: wanted[0])
        while let found = place {
            if runs.indices.allSatisfy({ runs[$0][found] == wanted[$0] }) { return found }
            place = first.firstIndex(of: wanted[0], from: found + 1)
        }
        return nil
    }
}

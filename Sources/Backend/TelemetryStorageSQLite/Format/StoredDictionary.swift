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
        /// All bytes, and where each entry ends.
        case plain([UInt8], ends: [Int])
        /// By entry its skeleton and its rank among the entries of that; by skeleton and run the numbers.
        case templates(skeletons: [[UInt8]], skeletonOf: [UInt32], rank: [UInt32], numbers: [[[UInt64]]])
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
            var end = 0
            var ends: [Int] = []
            for length in try NumberColumn.read(from: &input, countMax: countMax) {
                guard length <= UInt64(bytes.count) else { throw .damaged("a dictionary") }
                end += Int(length)
                ends.append(end)
            }
            guard end == input.remaining else { throw .damaged("a dictionary") }
            count = ends.count
            content = .plain(Array(bytes[input.offset...]), ends: ends)
            byteCount = bytes.count + ends.count * 8
        case Self.templates:
            var skeletons: [[UInt8]] = []
            for _ in 0..<(try input.count()) { skeletons.append(try input.data()) }
            let codes = try NumberColumn.read(from: &input, countMax: countMax)
            var seen = [UInt32](repeating: 0, count: skeletons.count)
            var skeletonOf: [UInt32] = []
            var rank: [UInt32] = []
            for code in codes {
                guard code < UInt64(skeletons.count) else { throw .damaged("a dictionary") }
                skeletonOf.append(UInt32(code))
                rank.append(seen[Int(code)])
                seen[Int(code)] += 1
            }
            var numbers: [[[UInt64]]] = []
            for (skeleton, count) in zip(skeletons, seen) {
                var runs: [[UInt64]] = []
                for _ in 0..<TextTemplate.runCount(of: skeleton) {
                    let run = try NumberColumn.read(from: &input, countMax: countMax)
                    guard run.count == Int(count) else { throw .damaged("a dictionary") }
                    runs.append(run)
                }
                numbers.append(runs)
            }
            count = codes.count
            content = .templates(skeletons: skeletons, skeletonOf: skeletonOf, rank: rank, numbers: numbers)
            byteCount =
                codes.count * 8 + numbers.joined().reduce(0) { $0 + $1.count * 8 } + bytes.count / 4 + 200
        default: throw .damaged("a dictionary of an unknown form")
        }
    }

    /// The bytes of an entry; empty for a number that is none.
    func entry(_ number: Int) -> [UInt8] {
        guard number < count else { return [] }
        switch content {
        case .plain(let bytes, let ends):
            return Array(bytes[(number == 0 ? 0 : ends[number - 1])..<ends[number]])
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
        case .plain(let bytes, let ends):
            return bytes.withUnsafeBytes { all in
                var start = 0
                for (number, end) in ends.enumerated() {
                    if end - start == value.count,
                        sameBytes(UnsafeRawBufferPointer(rebasing: all[start..<end]), value)
                    {
                        return number
                    }
                    start = end
                }
                return nil
            }
        case .templates(let skeletons, let skeletonOf, let rank, let numbers):
            let wanted = TextTemplate(value)
            guard let skeleton = skeletons.firstIndex(of: wanted.skeleton) else { return nil }
            let runs = numbers[skeleton]
            for number in skeletonOf.indices where skeletonOf[number] == UInt32(skeleton) {
                let place = Int(rank[number])
                if runs.indices.allSatisfy({ runs[$0][place] == wanted.numbers[$0] }) { return number }
            }
            return nil
        }
    }
}

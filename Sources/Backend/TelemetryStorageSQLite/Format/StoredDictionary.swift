// SPDX-License-Identifier: Apache-2.0

import Synchronization
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
        /// By entry its skeleton; by skeleton and run the numbers, of those of its entries in their order.
        case templates(skeletons: [[UInt8]], skeletonOf: PackedNumbers, numbers: [[PackedNumbers]])
    }

    private let content: Content
    private let ranks = Mutex(Ranks())
    let count: Int
    /// About what it takes in memory.
    let byteCount: Int

    /// By entry its rank among those of its skeleton. A question about one trace asks for some entries, and to count
    /// those before each is cheaper than ranks for all; an export asks for all.
    private struct Ranks {
        var asked = 0
        var ofEntry: [UInt32]?
    }
    private static let ranksAskedMin = 64

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
            var numbers: [[PackedNumbers]] = []
            numbers.reserveCapacity(skeletons.count)
            for skeleton in skeletons {
                var runs: [PackedNumbers] = []
                for _ in 0..<TextTemplate.runCount(of: skeleton) {
                    let run = try PackedNumbers(from: &input, of: bytes, countMax: countMax)
                    guard run.count == runs.first?.count ?? run.count else { throw .damaged("a dictionary") }
                    runs.append(run)
                }
                numbers.append(runs)
            }
            count = codes.count
            content = .templates(skeletons: skeletons, skeletonOf: codes, numbers: numbers)
            byteCount = bytes.count + codes.count * 4 + skeletons.count * 120 + 200
        default: throw .damaged("a dictionary of an unknown form")
        }
    }

    /// The bytes of an entry; empty for a number that is none.
    func entry(_ number: Int) -> [UInt8] {
        guard number < count else { return [] }
        switch content {
        case .plain(let bytes, let start, let ends):
            return Array(bytes[(number == 0 ? start : Int(ends[number - 1]))..<Int(ends[number])])
        case .templates(let skeletons, let skeletonOf, let numbers):
            let skeleton = skeletonOf[number]
            let place = place(of: number, skeletonOf, skeletons.count)
            return Self.text(Int(clamping: skeleton), place, skeletons, numbers) ?? []
        }
    }

    /// Entries of its skeleton before an entry.
    private func place(of number: Int, _ skeletonOf: PackedNumbers, _ skeletons: Int) -> Int {
        let known = ranks.withLock { ranks -> Int? in
            if let ofEntry = ranks.ofEntry { return Int(ofEntry[number]) }
            ranks.asked += 1
            guard ranks.asked > Self.ranksAskedMin else { return nil }
            var places = [UInt32](repeating: 0, count: skeletons + 1)
            let ofEntry = (0..<count).map { number in
                let skeleton = min(Int(clamping: skeletonOf[number]), skeletons)
                defer { places[skeleton] += 1 }
                return places[skeleton]
            }
            ranks.ofEntry = ofEntry
            return Int(ofEntry[number])
        }
        return known ?? skeletonOf.count(of: skeletonOf[number], in: 0..<number)
    }

    /// Nil where a damaged dictionary has none.
    private static func text(
        _ skeleton: Int, _ place: Int, _ skeletons: [[UInt8]], _ numbers: [[PackedNumbers]]
    ) -> [UInt8]? {
        guard skeleton < skeletons.count, place < numbers[skeleton].first?.count ?? .max else { return nil }
        return TextTemplate.text(skeletons[skeleton]) { numbers[skeleton][$0][place] }
    }

    /// Calls `body` for each entry in order, until it returns false: faster than one by one.
    func forEachEntry(_ body: (_ number: Int, _ entry: [UInt8]) -> Bool) {
        guard case .templates(let skeletons, let skeletonOf, let numbers) = content else {
            for number in 0..<count where !body(number, entry(number)) { return }
            return
        }
        var places = [Int](repeating: 0, count: skeletons.count)
        for number in 0..<count {
            let skeleton = Int(clamping: skeletonOf[number])
            var text: [UInt8] = []
            if skeleton < places.count {
                text = Self.text(skeleton, places[skeleton], skeletons, numbers) ?? []
                places[skeleton] += 1
            }
            guard body(number, text) else { return }
        }
    }

    /// Goes over all of it, for a check. Questions that meet such damage take what is not there for empty.
    func validate() throws(StorageError) {
        guard case .templates(let skeletons, let skeletonOf, let numbers) = content else { return }
        guard skeletonOf.areAll(below: skeletons.count) else { throw .damaged("a dictionary") }
        for (skeleton, runs) in numbers.enumerated() {
            let entries = skeletonOf.count(of: UInt64(skeleton), in: 0..<count)
            guard runs.allSatisfy({ $0.count == entries }) else { throw .damaged("a dictionary") }
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
        case .templates(let skeletons, let skeletonOf, let numbers):
            let wanted = TextTemplate(value)
            guard let skeleton = skeletons.firstIndex(of: wanted.skeleton),
                let place = Self.place(of: wanted.numbers, in: numbers[skeleton])
            else { return nil }
            return skeletonOf.index(of: UInt64(skeleton), after: place)
        }
    }

    /// Where all runs have the wanted numbers.
    private static func place(of wanted: [UInt64], in runs: [PackedNumbers]) -> Int? {
        // The run that differs most among the entries says no soonest.
        guard let run = runs.indices.reversed().max(by: { runs[$0].width < runs[$1].width }) else { return 0 }
        var place = runs[run].firstIndex(of: wanted[run])
        while let found = place {
            if runs.indices.allSatisfy({ runs[$0][found] == wanted[$0] }) { return found }
            place = runs[run].firstIndex(of: wanted[run], from: found + 1)
        }
        return nil
    }
}

// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import StorageContract
import TelemetryModel
import TelemetryStorage
import Testing
import WireFixtures

@testable import TelemetryStorageSQLite

@Suite("the parts of a block")
struct BlockTests {
    @Test(
        "a trace filter never rules out what it was given, and nearly all that it was not",
        arguments: [0, 1, 500, 60_000] as [UInt64])
    func filter(count: UInt64) throws {
        var random = SeededGenerator(seed: count)
        let traces = (0..<count).map { _ in TraceID(high: random.next(), low: random.next()) }
        let filter = try #require(TraceFilter(bytes: TraceFilter(traces).bytes))
        #expect(traces.allSatisfy { filter.mayContain($0) })
        let wrong = (0..<10_000).count { _ in
            filter.mayContain(TraceID(high: random.next(), low: random.next()))
        }
        #expect(wrong < 15)
    }

    @Test("a trace filter's bits are the same in every version: files depend on them")
    func filterIsStable() {
        let words = [28, 9, 14, 18, 27, 11, 16, 23].map { UInt32(1) << UInt32($0) }
        let bytes = words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
        }
        #expect(TraceFilter([TraceID(high: 1, low: 2)]).bytes == bytes)
    }

    @Test("columns of numbers come back, whatever is in them")
    func numbers() throws {
        var random = RandomTelemetry(seed: 3)
        for count in [0, 1, 2, 100, 2_047, 2_048, 5_000] {
            for width in [1, 8, 20, 40, 64] as [UInt64] {
                let numbers = (0..<count).map { _ in random.generator.next() >> (64 - width) }
                try check(numbers, NumberColumn.write, NumberColumn.read)
            }
            try check((0..<count).map { _ in random.unsigned() }, NumberColumn.write, NumberColumn.read)
            let prices = (0..<count).map { _ in (Double(random.generator.below(1_000_000)) / 100).bitPattern }
            try check(prices, DoubleColumn.write, DoubleColumn.read)
            try check(
                (0..<count).map { _ in random.double().bitPattern }, DoubleColumn.write, DoubleColumn.read)
            var next: UInt64 = 0
            let codes = (0..<count).map { _ -> UInt64 in
                if next == 0 || random.generator.oneIn(3) {
                    next += 1
                    return next - 1
                }
                return UInt64(random.generator.below(Int(next)))
            }
            try check(codes, CodeColumn.write, CodeColumn.read)
        }
    }

    private func check(
        _ numbers: [UInt64],
        _ write: (UnsafeBufferPointer<UInt64>, inout SectionWriter) throws(StorageError) -> Void,
        _ read: (inout ByteReader, Int) throws(StorageError) -> [UInt64]
    ) throws {
        var section = SectionWriter()
        try numbers.withUnsafeBufferPointer { (numbers) throws(StorageError) in try write(numbers, &section) }
        var input = ByteReader(try Section.unpack(section.bytes))
        #expect(try read(&input, numbers.count) == numbers)
        #expect(input.remaining == 0)
    }

    @Test(
        "numbers of a column are read one by one, counted and found as in a list of all",
        arguments: (0 as UInt64)...8)
    func packedNumbers(width: UInt64) throws {
        var random = SeededGenerator(seed: width)
        for count in [0, 1, 2, 300, 2_048, 3_000] {
            // Not always beyond what is compared with a limit.
            let base = random.next() >> (count > 300 ? 8 : 0)
            let numbers = (0..<count).map { _ in
                base &+ (width == 0 ? 0 : random.next() % 50 << (width * 8 - 6))
            }
            var section = SectionWriter()
            try NumberColumn.write(numbers, to: &section)
            try NumberColumn.write([7], to: &section)
            let bytes = try Section.unpack(section.bytes)
            var input = ByteReader(bytes)
            let packed = try PackedNumbers(from: &input, of: bytes, countMax: count)
            #expect(try PackedNumbers(from: &input, of: bytes, countMax: 1).values == [7])
            #expect(packed.values == numbers)
            #expect((0..<count).map { packed[$0] } == numbers)
            for wanted in numbers.prefix(20) + [base &- 1, base &+ 1, .max] {
                let start = count == 0 ? 0 : random.below(count)
                #expect(
                    packed.firstIndex(of: wanted, from: start) == numbers[start...].firstIndex(of: wanted))
                let places = numbers.indices.filter { numbers[$0] == wanted }
                for times in [0, places.count / 2, places.count - 1, places.count] where times >= 0 {
                    let place = times < places.count ? places[times] : nil
                    #expect(packed.index(of: wanted, after: times) == place)
                }
                let end = start + random.below(count - start + 1)
                for range in [0..<start, start..<end, 0..<count] {
                    #expect(packed.count(of: wanted, in: range) == numbers[range].count { $0 == wanted })
                }
            }
            let most = numbers.max() ?? 0
            if most < 1 << 60 {
                #expect(!packed.areAll(below: Int(most)) || count == 0)
                #expect(packed.areAll(below: Int(most) + 1))
            }
        }
    }

    @Test(
        "dictionaries come back and find each text, with and without a form in common",
        arguments: [
            { "user \($0)" }, { "/api/v\($0 % 3)/orders/\($0)/lines/0\($0 * 7)" },
            { "\($0) 000 \($0 % 10)\($0)" }, { String($0, radix: 36) + "é" },
            { String(repeating: "9", count: $0 % 40) + "-\($0)" },
        ] as [@Sendable (Int) -> String])
    func dictionary(_ text: @Sendable (Int) -> String) throws {
        for count in [1, 63, 64, 3_000] {
            var dictionary = ByteDictionary()
            for number in 0..<count {
                _ = text(number).utf8Bytes.withUnsafeBytes { dictionary.add(text: $0) }
            }
            var section = SectionWriter()
            try StoredDictionary.write(
                dictionary, Array(0..<dictionary.count), areTexts: true, to: &section)
            let stored = try StoredDictionary(try Section.unpack(section.bytes), countMax: count)
            #expect(stored.count == dictionary.count)
            for number in stride(from: 0, to: count, by: 17) {
                let place = try #require(stored.number(of: text(number)))
                #expect(stored.entry(place) == text(number).utf8Bytes)
            }
            var entries: [[UInt8]] = []
            stored.forEachEntry { number, entry in
                #expect(number == entries.count)
                entries.append(entry)
                return true
            }
            #expect(entries == (0..<stored.count).map { dictionary.entry($0) })
            // One by one as well, before and after ranks are kept.
            #expect(entries == (0..<stored.count).map { stored.entry($0) })
            try stored.validate()
            #expect(stored.number(of: "user -1") == nil)
            #expect(stored.number(of: "") == nil || count > 0)
        }
    }

    @Test(
        "random telemetry comes back byte for byte, from the active block and from sealed ones",
        arguments: (0 as UInt64)..<6)
    func roundTrip(seed: UInt64) async throws {
        var random = RandomTelemetry(seed: 100 + seed)
        let store = try SQLiteTraceStore(
            database: try StoreFile.inMemory(), lock: nil, spansPerBlock: seed % 2 == 0 ? 40 : 4_000)
        var sent: [ResourceSpans] = []
        for _ in 0..<40 {
            let batch = (0..<3).map { _ in random.resourceSpans() }
            try await store.write(batch)
            sent += batch
        }
        var checked = 0
        for part in sent {
            for scope in part.scopeSpans {
                for span in scope.spans {
                    let found = try await store.trace(span.traceID) ?? []
                    var expected = part
                    expected.scopeSpans = [ScopeSpans(scope: scope.scope, spans: [span])]
                    let bytes = found.map { OTLPProtobuf.encode($0) }
                    #expect(bytes == [OTLPProtobuf.encode(expected)])
                    checked += 1
                }
            }
        }
        #expect(checked > 100)
        await store.close()
    }

    @Test("each value of a column is found in all its places, among numbers, decimals and texts")
    func positions() throws {
        var random = SeededGenerator(seed: 11)
        let numbers = (0..<3_000).map { _ in UInt64(random.below(500)) }
        var codeOf: [UInt64: UInt64] = [:]
        for number in numbers where codeOf[number] == nil { codeOf[number] = UInt64(codeOf.count) }
        let codes = numbers.map { codeOf[$0] ?? 0 }
        let decimals = numbers.map { (Double($0) / 100).bitPattern }
        let columns:
            [(Slot.Kind, [UInt64], (UnsafeBufferPointer<UInt64>, inout SectionWriter) throws -> Void)] = [
                (.int, numbers, { try NumberColumn.write($0, to: &$1) }),
                (.string, codes, { try CodeColumn.write($0, to: &$1) }),
                (.double, decimals, { try DoubleColumn.write($0, to: &$1) }),
            ]
        for (kind, values, write) in columns {
            var section = SectionWriter()
            try values.withUnsafeBufferPointer { try write($0, &section) }
            let about = BlockHead.Column(
                slot: Slot(place: .spanAttribute, kind: kind, key: [1]), count: values.count, range: nil)
            let column = try StoredColumn(try Section.unpack(section.bytes), about)
            var newEntries = StoredColumn.NewEntries()
            for (position, value) in values.enumerated() {
                #expect(column.value(position, &newEntries) == value)
            }
            for value in Set(values).union([1_000, .max]) {
                #expect(column.positions(of: value) == values.indices.filter { values[$0] == value })
            }
        }
    }

    @Test("keys that never repeat are kept too, and found")
    func oddKeys() async throws {
        let store = try SQLiteTraceStore(database: try StoreFile.inMemory(), lock: nil, spansPerBlock: 3_000)
        let all = Numbered.batch(first: 0, count: 4_000)
        var odd = all
        for index in odd[0].scopeSpans[0].spans.indices {
            odd[0].scopeSpans[0].spans[index].attributes["key \(index)"] = .int(Int64(index))
            odd[0].scopeSpans[0].spans[index].attributes["last"] = "x \(index)"
        }
        for part in stride(from: 0, to: 4_000, by: 1_000) {
            var batch = odd
            batch[0].scopeSpans[0].spans = Array(odd[0].scopeSpans[0].spans[part..<part + 1_000])
            try await store.write(batch)
        }
        for index in [0, 40, 1_500, 3_999] {
            for (key, value) in [("key \(index)", "\(index)"), ("last", "x \(index)")] {
                let page = try await store.traces(
                    matching: TraceQuery(attributes: [.init(key: key, value: value)]))
                #expect(page.traces.map(\.traceID.low) == [UInt64(index) / 10 + 1])
            }
            let trace = try await store.trace(TraceID(high: 1, low: UInt64(index) / 10 + 1))
            #expect(trace?[0].scopeSpans[0].spans.contains(odd[0].scopeSpans[0].spans[index]) == true)
        }
        await store.close()
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
        let batch = batch(scopes: 3_000, resource: 1 << 20, key: "note")
        let active = try ActiveBlock(holding: batch)
        #expect(active.origins.byteCount < 3 << 20)
        let store = try SQLiteTraceStore.inMemory()
        try await store.write(batch)
        let trace = try await store.trace(TraceID(high: 1, low: 1))
        #expect(trace?.map(\.scopeSpans.count) == [10])
        await store.close()
    }

    @Test("a request that would grow beyond the limit is refused, and nothing of it stays")
    func tooLarge() async throws {
        let store = try SQLiteTraceStore.inMemory()
        // Each operation has its service's name.
        let batch = batch(scopes: 200, resource: 1 << 20, key: "service.name")
        for _ in 0..<2 {
            await #expect(throws: StorageError.tooLarge(limit: SQLiteTraceStore.requestBytesMax)) {
                try await store.write(batch)
            }
        }
        #expect(try await store.services() == [])
        try await store.write(Numbered.batch(first: 0, count: 10))
        #expect(try await store.services() == ["numbered"])
        #expect(try await store.traces(matching: TraceQuery()).traces.count == 1)
        await store.close()
    }

    @Test("a great request becomes even blocks, and one trace greater than a block is cut")
    func sizes() throws {
        func sizes(_ batch: [ResourceSpans]) throws -> [Int] {
            try BlockEncoder.blocks(of: try ActiveBlock(holding: batch), spansPerBlock: 8_192).map { block in
                let head = try #require(block.sections.first { $0.number == SectionNumber.head })
                return try BlockHead(number: 1, bytes: try Section.unpack(head.bytes)).rowCount
            }
        }
        let many = try sizes(Numbered.batch(first: 0, count: 30_000))
        #expect(many.reduce(0, +) == 30_000)
        #expect(many.count == 3)
        #expect(many.allSatisfy { $0 >= 9_990 })
        var one = Numbered.batch(first: 0, count: 30_000)
        for index in one[0].scopeSpans[0].spans.indices {
            one[0].scopeSpans[0].spans[index].traceID = TraceID(high: 1, low: 1)
        }
        let cut = try sizes(one)
        #expect(cut.reduce(0, +) == 30_000)
        #expect((cut.max() ?? 0) <= 2 * 10_000)
    }

    @Test("a span of more attributes than a shape may have is kept whole, and found by any of them")
    func manyAttributes() async throws {
        var batch = Numbered.batch(first: 0, count: 20)
        batch[0].scopeSpans[0].spans[3].attributes = Attributes(
            (0..<3_000).map { Attribute(key: "same", value: .int($0)) })
        let active = try ActiveBlock(holding: batch)
        #expect(active.shapes.slots(of: active.rows[3].shape).count == 1)
        #expect(active.shapes.slots(of: active.rows[4].shape).count > 1)
        let store = try SQLiteTraceStore(database: try StoreFile.inMemory(), lock: nil, spansPerBlock: 20)
        try await store.write(batch)
        let page = try await store.traces(
            matching: TraceQuery(attributes: [.init(key: "same", value: "2999")]))
        #expect(page.traces.map(\.traceID.low) == [1])
        #expect(
            try await store.trace(TraceID(high: 1, low: 1))?[0].scopeSpans[0].spans[3]
                == batch[0].scopeSpans[0].spans[3])
        await store.close()
    }

    @Test("the lists of slots of all shapes together stay bounded")
    func slotsOfShapes() {
        var tree = ShapeTree()
        var slots = 0
        for first in 0..<48 as Range<UInt8> {
            var node = [first].withUnsafeBytes { tree.follow(ShapeTree.root, .spanAttribute, .int, $0) }
            for _ in 0..<1_500 where node >= 0 {
                slots += tree.slots(of: node).count
                node = [UInt8(ascii: "k")].withUnsafeBytes { tree.follow(node, .spanAttribute, .int, $0) }
            }
        }
        #expect(slots > ShapeTree.slotsOfNodesMax / 2)
        #expect(slots < ShapeTree.slotsOfNodesMax + 48 * Int(ShapeTree.depthMax))
    }

    @Test("keys that are not UTF-8 are found by what they are read as, and share a column")
    func brokenKeys() async throws {
        let store = try SQLiteTraceStore.inMemory()
        for (number, broken) in [0xff, 0xfe, 0xc0].enumerated() {
            var batch = Numbered.batch(first: UInt64(number) * 10, count: 1)
            batch[0].scopeSpans[0].spans[0].attributes["k\u{1}y"] = .int(Int64(number))
            let bytes = EncodedSpans(batch).bytes
            let place = try #require(
                bytes.indices.dropLast(2).first { Array(bytes[$0..<$0 + 3]) == Array("k\u{1}y".utf8) })
            var changed = bytes
            changed[place + 1] = UInt8(broken)
            try await store.write(EncodedSpans(scanned: changed, spanCount: 1))
        }
        for number in 0..<3 {
            let page = try await store.traces(
                matching: TraceQuery(attributes: [.init(key: "k\u{fffd}y", value: "\(number)")]))
            #expect(page.traces.map(\.traceID.low) == [UInt64(number) + 1])
        }
        let keys = try await store.attributeKeys(matching: AttributeKeyQuery(prefix: "k"))
        #expect(keys.keys.map(\.key) == ["k\u{fffd}y"])
        #expect(store.core.withState { $0.active.shapes.slotCount } == 3, "number, text and that one")
        await store.close()
    }
}

extension String {
    fileprivate var utf8Bytes: [UInt8] { Array(utf8) }
}

extension ActiveBlock {
    /// With operations numbered as they come.
    init(holding batch: [ResourceSpans]) throws {
        self.init()
        try EncodedSpans(batch).bytes.withRawBytes { (raw) throws(StorageError) in try append(raw) }
        operationNumbers = operations.indices.map { UInt32($0) }
    }
}

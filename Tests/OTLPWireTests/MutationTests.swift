// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel
import Testing
import WireFixtures

/// Damaged input: no trap (one would end the whole test run), and what is still a message stays one.
@Suite("Wire: damaged input")
struct MutationTests {
    /// Inputs for each message and codec: with five messages, 250,000 for each codec.
    static let inputs = 50_000

    @Test("no damaged span traps, and what decodes encodes again")
    func spans() throws { try check { $0.span() } }

    @Test("no damaged event traps, and what decodes encodes again")
    func events() throws { try check { $0.event() } }

    @Test("no damaged link traps, and what decodes encodes again")
    func links() throws { try check { $0.link() } }

    @Test("no damaged log record traps, and what decodes encodes again")
    func logRecords() throws { try check { $0.logRecord() } }

    @Test("no damaged value traps, and what decodes encodes again")
    func values() throws { try check { $0.value() } }

    private func check<Message: OTLPMessage & Equatable>(
        _ make: (inout RandomTelemetry) -> Message
    ) throws {
        // Small messages, so that the many inputs stay cheap.
        let originals = (0..<100).map { seed in
            var random = RandomTelemetry(seed: UInt64(seed))
            random.listMax = 1
            random.depthMax = 2
            return make(&random)
        }
        try check(
            originals.map { OTLPProtobuf.encode($0) }, alphabet: [0, 1, 0x0a, 0x12, 0x7f, 0x80, 0xff],
            decode: { try OTLPProtobuf.decode(Message.self, from: $0) }, encode: { OTLPProtobuf.encode($0) })
        try check(
            originals.map { OTLPJSON.encode($0, pretty: $0 == originals[0]) },
            alphabet: Array("{}[]\":,\\u0-+.eEnt \u{0}\u{ff}".utf8),
            decode: { try OTLPJSON.decode(Message.self, from: $0) }, encode: { OTLPJSON.encode($0) })
    }

    private func check<Message: Equatable>(
        _ originals: [[UInt8]], alphabet: [UInt8], decode: ([UInt8]) throws -> Message,
        encode: (Message) -> [UInt8]
    ) throws {
        var mutator = Mutator(seed: 1, alphabet: alphabet)
        var decoded = 0
        for index in 0..<Self.inputs {
            let input = mutator.mutate(originals[index % originals.count])
            guard let message = try? decode(input) else { continue }
            decoded += 1
            // A tenth is enough to see that encoding is stable.
            guard index.isMultiple(of: 10) else { continue }
            try #require(try decode(encode(message)) == message, "\(input)")
        }
        // The damage must be small enough to reach the inside of messages, and large enough to break some.
        #expect((1_000..<Self.inputs - 1_000).contains(decoded))
    }

    @Test("no cut makes a message trap, and every cut of JSON is an error")
    func cuts() throws {
        var random = RandomTelemetry(seed: 11)
        let request = ExportTraceServiceRequest(resourceSpans: [random.resourceSpans()])
        let binary = OTLPProtobuf.encode(request)
        for count in binary.indices {
            _ = try? OTLPProtobuf.decode(ExportTraceServiceRequest.self, from: Array(binary[..<count]))
        }
        let text = OTLPJSON.encode(request)
        for count in text.indices {
            #expect(throws: WireError.self) {
                try OTLPJSON.decode(ExportTraceServiceRequest.self, from: Array(text[..<count]))
            }
        }
    }

    /// Small spans, so that the many inputs stay cheap.
    private static func originals(_ part: Int) -> [SpanData] {
        (0..<60).map { seed in
            var random = RandomTelemetry(seed: UInt64(part * 1_000 + seed))
            random.listMax = 1
            random.depthMax = 2
            return random.span()
        }
    }
}

/// Changes, inserts, removes, repeats and cuts bytes.
private struct Mutator {
    private var generator: SeededGenerator
    private let alphabet: [UInt8]

    init(seed: UInt64, alphabet: [UInt8]) {
        generator = SeededGenerator(seed: seed)
        self.alphabet = alphabet
    }

    mutating func mutate(_ original: [UInt8]) -> [UInt8] {
        var bytes = original
        for _ in 0...generator.below(2) where !bytes.isEmpty {
            let index = generator.below(bytes.count)
            switch generator.below(8) {
            case 0: bytes[index] = UInt8(truncatingIfNeeded: generator.next())
            case 1, 2: bytes[index] = alphabet[generator.below(alphabet.count)]
            case 3: bytes[index] ^= 1 << UInt8(generator.below(8))
            case 4: bytes.insert(alphabet[generator.below(alphabet.count)], at: index)
            case 5: bytes.remove(at: index)
            case 6: bytes.removeSubrange(index..<min(bytes.count, index + generator.below(8)))
            default: bytes.insert(contentsOf: bytes[index..<min(bytes.count, index + 8)], at: index)
            }
        }
        return bytes
    }
}

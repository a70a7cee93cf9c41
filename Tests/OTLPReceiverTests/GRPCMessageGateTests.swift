// SPDX-License-Identifier: Apache-2.0

import GzipFixtures
import NIOCore
import TelemetryModel
import TelemetryStorage
import Testing

@testable import OTLPReceiver

@Suite("gRPC message gate")
struct GRPCMessageGateTests {
    private func ingest(requestBytesMax: Int = 1_000, inFlight: Int = 10_000) -> TraceIngest {
        TraceIngest(
            writer: NoWriter(),
            limits: ReceiverLimits(requestBytesMax: requestBytesMax, requestBytesInFlightMax: inFlight))
    }

    private func frame(_ message: [UInt8], compressed: Bool) -> ByteBuffer {
        var buffer = ByteBuffer()
        let body = compressed ? gzip(message) : ByteBuffer(bytes: message)
        buffer.writeInteger(UInt8(compressed ? 1 : 0))
        buffer.writeInteger(UInt32(body.readableBytes))
        buffer.writeImmutableBuffer(body)
        return buffer
    }

    private func pass(
        _ input: ByteBuffer, isGzip: Bool, piece: Int = 1 << 20, ingest: TraceIngest
    ) throws -> [UInt8] {
        var gate = GRPCMessageGate(for: ingest, isGzip: isGzip)
        var output: [UInt8] = []
        for part in input.pieces(of: piece) {
            if let passed = try gate.pass(part) { output += passed.bytes }
        }
        try gate.finish()
        return output
    }

    private static let messages: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 9, count: 700)]

    @Test("plain messages pass as they are", arguments: [1, 3, 6, 1 << 20])
    func plain(piece: Int) throws {
        var input = ByteBuffer()
        for message in Self.messages { input.writeImmutableBuffer(frame(message, compressed: false)) }
        let output = try pass(input, isGzip: false, piece: piece, ingest: ingest())
        #expect(output == input.bytes)
    }

    @Test("gzip messages come out plain, uncompressed ones between them too", arguments: [1, 3, 6, 1 << 20])
    func gzipped(piece: Int) throws {
        var input = ByteBuffer()
        var expected = ByteBuffer()
        for message in Self.messages {
            for compressed in [true, false] {
                input.writeImmutableBuffer(frame(message, compressed: compressed))
                expected.writeImmutableBuffer(frame(message, compressed: false))
            }
        }
        #expect(try pass(input, isGzip: true, piece: piece, ingest: ingest()) == expected.bytes)
    }

    @Test("a compressed message of no bytes is an empty one")
    func emptyCompressed() throws {
        let output = try pass(ByteBuffer(bytes: [1, 0, 0, 0, 0]), isGzip: true, ingest: ingest())
        #expect(output == [0, 0, 0, 0, 0])
    }

    @Test("a message over the limit is refused at its prefix")
    func tooLarge() {
        for isGzip in [true, false] {
            #expect(throws: Refusal.tooLarge(limit: 1_000)) {
                try pass(ByteBuffer(bytes: [0, 0xff, 0xff, 0xff, 0xff]), isGzip: isGzip, ingest: ingest())
            }
        }
    }

    @Test("a message that grows over the limit when decompressed is refused")
    func bomb() {
        #expect(throws: Refusal.tooLarge(limit: 1_000)) {
            try pass(
                frame(Array(repeating: 0, count: 1_001), compressed: true), isGzip: true, ingest: ingest())
        }
    }

    @Test("a stream that ends inside a message is malformed", arguments: [true, false])
    func cutOff(isGzip: Bool) throws {
        let whole = frame([1, 2, 3, 4], compressed: isGzip)
        for count in 1..<whole.readableBytes {
            let part = try #require(whole.getSlice(at: 0, length: count))
            let refusal = #expect(throws: Refusal.self) {
                try pass(part, isGzip: isGzip, ingest: ingest())
            }
            #expect(refusal?.reason == .malformed)
        }
    }

    @Test("gzip that ends before its end inside a complete message is malformed")
    func cutGzip() throws {
        let body = try #require(gzip([1, 2, 3, 4]).getSlice(at: 0, length: 12))
        var input = ByteBuffer(bytes: [1, 0, 0, 0, 12])
        input.writeImmutableBuffer(body)
        let refusal = #expect(throws: Refusal.self) {
            try pass(input, isGzip: true, ingest: ingest())
        }
        #expect(refusal?.reason == .malformed)
    }

    @Test("a compressed message without grpc-encoding is malformed")
    func flagWithoutEncoding() {
        let refusal = #expect(throws: Refusal.self) {
            try pass(frame([1], compressed: true), isGzip: false, ingest: ingest())
        }
        #expect(refusal?.reason == .malformed)
    }

    @Test("what does not fit beside the others is refused, and fits when they are gone")
    func budget() throws {
        let ingest = ingest(inFlight: 1_000)
        let message = frame(Array(repeating: 1, count: 600), compressed: false)
        do {
            var gate = GRPCMessageGate(for: ingest, isGzip: false)
            _ = try gate.pass(message)
            #expect(ingest.budget.inUse == 600)
            #expect(throws: Refusal.overloaded) { try pass(message, isGzip: false, ingest: ingest) }
            #expect(ingest.budget.inUse == 600)
            try gate.finish()
        }
        #expect(ingest.budget.inUse == 0)
        #expect(try pass(message, isGzip: false, ingest: ingest).count == 605)
    }
}

/// A writer that is never reached.
private struct NoWriter: SpanWriter {
    func write(_ spans: EncodedSpans) async throws(StorageError) {
        throw .damaged("the gate does not store")
    }
}

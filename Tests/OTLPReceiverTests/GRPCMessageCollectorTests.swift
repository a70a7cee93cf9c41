// SPDX-License-Identifier: Apache-2.0

import GzipFixtures
import NIOCore
import TelemetryModel
import TelemetryStorage
import Testing

@testable import OTLPReceiver

@Suite("gRPC message collector")
struct GRPCMessageCollectorTests {
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

    private func collect(
        _ input: ByteBuffer, isGzip: Bool, piece: Int = 1 << 20, ingest: TraceIngest
    ) throws -> [UInt8] {
        var collector = GRPCMessageCollector(for: ingest, isGzip: isGzip)
        for part in input.pieces(of: piece) { try collector.take(part) }
        return try collector.finish().bytes
    }

    @Test(
        "a message comes out plain, however it is cut, compressed or not",
        arguments: [[], [1, 2, 3], Array(repeating: 9, count: 700)] as [[UInt8]], [1, 3, 5, 6, 1 << 20])
    func whole(message: [UInt8], piece: Int) throws {
        for (isGzip, compressed) in [(false, false), (true, false), (true, true)] {
            let output = try collect(
                frame(message, compressed: compressed), isGzip: isGzip, piece: piece, ingest: ingest())
            #expect(output == message)
        }
    }

    @Test("a compressed message of no bytes is an empty one")
    func emptyCompressed() throws {
        #expect(try collect(ByteBuffer(bytes: [1, 0, 0, 0, 0]), isGzip: true, ingest: ingest()) == [])
    }

    @Test("a message in one piece is not copied")
    func borrowed() throws {
        var input = frame([1, 2, 3], compressed: false)
        var collector = GRPCMessageCollector(for: ingest(), isGzip: false)
        try collector.take(input)
        let output = try collector.finish()
        let begins = input.withUnsafeReadableBytes { $0.baseAddress }
        #expect(output.withUnsafeReadableBytes { $0.baseAddress } == begins.map { $0 + 5 })
        // Both were readers of the same bytes: the first to write has to leave.
        input.setInteger(UInt8(9), at: 5)
        #expect(output.bytes == [1, 2, 3])
    }

    @Test("a message over the limit is refused at its prefix")
    func tooLarge() {
        for isGzip in [true, false] {
            #expect(throws: Refusal.tooLarge(limit: 1_000)) {
                try collect(ByteBuffer(bytes: [0, 0xff, 0xff, 0xff, 0xff]), isGzip: isGzip, ingest: ingest())
            }
        }
    }

    @Test("a message that grows over the limit when decompressed is refused")
    func bomb() {
        #expect(throws: Refusal.tooLarge(limit: 1_000)) {
            try collect(
                frame(Array(repeating: 0, count: 1_001), compressed: true), isGzip: true, ingest: ingest())
        }
    }

    private func reason(of input: ByteBuffer, isGzip: Bool = false) -> Refusal.Reason? {
        let refusal = #expect(throws: Refusal.self) {
            try collect(input, isGzip: isGzip, ingest: ingest())
        }
        return refusal?.reason
    }

    @Test("a stream that ends inside a message is malformed", arguments: [true, false])
    func cutOff(isGzip: Bool) throws {
        let whole = frame([1, 2, 3, 4], compressed: isGzip)
        for count in 1..<whole.readableBytes {
            let part = try #require(whole.getSlice(at: 0, length: count))
            #expect(reason(of: part, isGzip: isGzip) == .malformed)
        }
    }

    @Test("gzip that ends before its end inside a complete message is malformed")
    func cutGzip() throws {
        let body = try #require(gzip([1, 2, 3, 4]).getSlice(at: 0, length: 12))
        var input = ByteBuffer(bytes: [1, 0, 0, 0, 12])
        input.writeImmutableBuffer(body)
        #expect(reason(of: input, isGzip: true) == .malformed)
    }

    @Test("a compressed message without grpc-encoding is malformed, as is an unknown flag")
    func flags() {
        #expect(reason(of: frame([1], compressed: true)) == .malformed)
        #expect(reason(of: ByteBuffer(bytes: [2, 0, 0, 0, 0])) == .malformed)
    }

    @Test("no message and two messages are refused: the second at its prefix")
    func messageCount() {
        #expect(reason(of: ByteBuffer()) == .messageCount)
        var two = frame([1], compressed: false)
        two.writeBytes([0, 0, 0, 0, 5])
        #expect(reason(of: two) == .messageCount)
    }

    @Test("what does not fit beside the others is refused, and fits when they are gone")
    func budget() throws {
        let ingest = ingest(inFlight: 1_000)
        let message = frame(Array(repeating: 1, count: 600), compressed: false)
        do {
            var collector = GRPCMessageCollector(for: ingest, isGzip: false)
            try collector.take(message)
            #expect(ingest.budget.inUse == 600)
            #expect(throws: Refusal.overloaded) { try collect(message, isGzip: false, ingest: ingest) }
            #expect(ingest.budget.inUse == 600)
            _ = try collector.finish()
            // Until the call is answered.
            #expect(ingest.budget.inUse == 600)
        }
        #expect(ingest.budget.inUse == 0)
        #expect(try collect(message, isGzip: false, ingest: ingest).count == 600)
    }
}

/// A writer that is never reached.
private struct NoWriter: SpanWriter {
    func write(_ spans: EncodedSpans) async throws(StorageError) {
        throw .damaged("the collector does not store")
    }
}

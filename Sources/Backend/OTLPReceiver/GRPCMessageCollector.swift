// SPDX-License-Identifier: Apache-2.0

internal import GRPCWire
internal import NIOCore

/// Collects the one message of a call from its DATA, however that is cut, and makes it plain. Refuses what is too
/// large before it has arrived. Pure: no channel, no clock.
///
/// The share of the budget lives as long as the value: until the call is answered.
struct GRPCMessageCollector: ~Copyable {
    private let bytesMax: Int
    private let isGzip: Bool
    private var lease: RequestBudget.Lease
    private var reader: GRPCMessageReader
    private var inflater: GzipInflater?
    private var message: ByteBuffer?
    private var isComplete = false

    /// Room that is made for a message because its length was announced, bytes. Beyond it grows as it arrives: an
    /// announced length costs its sender nothing.
    private static let bytesReservedMax = 1 << 20
    /// Compressed bytes that are inflated before the budget is asked.
    private static let inflatedAtOnce = 4 << 10

    /// For one call; `isGzip` when its `grpc-encoding` is gzip.
    init(for ingest: TraceIngest, isGzip: Bool) {
        bytesMax = ingest.limits.requestBytesMax
        lease = ingest.budget.open()
        reader = GRPCMessageReader(bytesMax: ingest.limits.requestBytesMax)
        self.isGzip = isGzip
    }

    /// Reads on in the DATA of the call.
    mutating func take(_ data: ByteBuffer) throws(Refusal) {
        var offset = 0
        while let part = try nextPart(in: data, from: &offset) {
            if part.isFirst { try begin(part.prefix) }
            try lease.grow(by: part.range.count)
            // The part lies within the data.
            let bytes = data.getSlice(at: data.readerIndex + part.range.lowerBound, length: part.range.count)
            try append(bytes ?? ByteBuffer(), of: part)
            if part.isLast { try end() }
        }
    }

    /// The message, plain. To be called at the end of the stream.
    mutating func finish() throws(Refusal) -> ByteBuffer {
        guard reader.isBetweenMessages else { throw .messageCutOff }
        guard isComplete, let message else { throw .messageCount }
        // Let go: the decoder must be able to free it.
        self.message = nil
        return message
    }

    private mutating func nextPart(
        in data: ByteBuffer, from offset: inout Int
    ) throws(Refusal) -> GRPCMessageReader.Part? {
        do throws(GRPCMessageReader.Problem) {
            return try data.nextPart(of: &reader, from: &offset).get()
        } catch {
            switch error {
            case .tooLong: throw .tooLarge(limit: bytesMax)
            case .unknownFlag:
                throw Refusal(.malformed, "a message begins with a flag that is neither 0 nor 1")
            }
        }
    }

    private mutating func begin(_ prefix: GRPCMessagePrefix) throws(Refusal) {
        guard !isComplete else { throw .messageCount }
        guard prefix.isCompressed else { return }
        guard isGzip else {
            throw Refusal(.malformed, "a message is marked as compressed, but grpc-encoding is missing")
        }
        do throws(GzipInflater.Failure) {
            inflater = try GzipInflater(bytesMax: bytesMax)
        } catch {
            throw Refusal(error, limit: bytesMax)
        }
        message = ByteBuffer()
    }

    private mutating func append(_ bytes: ByteBuffer, of part: GRPCMessageReader.Part) throws(Refusal) {
        if part.prefix.isCompressed { return try inflate(bytes) }
        if part.isFirst, part.isLast {
            // In one piece, as most are: not copied.
            message = bytes
            return
        }
        if part.isFirst {
            message = ByteBufferAllocator().buffer(
                capacity: min(Int(part.prefix.length), Self.bytesReservedMax))
        }
        message?.writeImmutableBuffer(bytes)
    }

    private mutating func inflate(_ bytes: ByteBuffer) throws(Refusal) {
        var plain = message ?? ByteBuffer()
        message = nil
        var bytes = bytes
        // In pieces, so that the budget can say no before there is much: a byte may become a thousand.
        while let piece = bytes.readSlice(length: min(bytes.readableBytes, Self.inflatedAtOnce)),
            piece.readableBytes > 0
        {
            let before = plain.readableBytes
            do throws(GzipInflater.Failure) {
                try inflater?.inflate(piece, into: &plain)
            } catch {
                throw Refusal(error, limit: bytesMax)
            }
            try lease.grow(by: plain.readableBytes - before)
        }
        message = plain
    }

    private mutating func end() throws(Refusal) {
        do throws(GzipInflater.Failure) {
            try inflater?.finish()
        } catch {
            throw Refusal(error, limit: bytesMax)
        }
        inflater = nil
        isComplete = true
    }
}

extension ByteBuffer {
    fileprivate func nextPart(
        of reader: inout GRPCMessageReader, from offset: inout Int
    ) -> Result<GRPCMessageReader.Part?, GRPCMessageReader.Problem> {
        withUnsafeReadableBytes { bytes in
            do throws(GRPCMessageReader.Problem) {
                return .success(try reader.next(in: bytes, from: &offset))
            } catch {
                return .failure(error)
            }
        }
    }
}

extension Refusal {
    fileprivate static let messageCutOff = Refusal(.malformed, "the stream ends in the middle of a message")

    fileprivate static let messageCount = Refusal(.messageCount, "Export takes exactly one message")
}

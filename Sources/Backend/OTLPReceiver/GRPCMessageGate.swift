// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Follows the messages in the DATA of one gRPC stream: lets plain ones through as they are, turns gzip ones
/// into plain ones, and refuses what is too large before it has arrived. Pure: no channel, no clock.
///
/// Source: gRPC over HTTP/2, "Length-Prefixed-Message": 1 byte compressed flag, 4 bytes length, message.
struct GRPCMessageGate: ~Copyable {
    private enum Place {
        /// So many bytes of the prefix have been seen.
        case prefix(seen: Int)
        /// So many bytes of the message are still to come.
        case message(left: Int)
    }

    private let bytesMax: Int
    private let isGzip: Bool
    private var lease: RequestBudget.Lease
    private var place = Place.prefix(seen: 0)
    private var isCompressed = false
    private var length: UInt32 = 0
    private var inflater: GzipInflater?
    private var inflated = ByteBuffer()

    static let prefixBytes = 5

    /// For one stream; `isGzip` when its `grpc-encoding` is gzip.
    init(for ingest: TraceIngest, isGzip: Bool) {
        bytesMax = ingest.limits.requestBytesMax
        lease = ingest.budget.open()
        self.isGzip = isGzip
    }

    /// What to pass on of `data`; nil for nothing yet.
    mutating func pass(_ data: ByteBuffer) throws(Refusal) -> ByteBuffer? {
        isGzip ? try passGzip(data) : try passPlain(data)
    }

    /// To be called at the end of the stream.
    func finish() throws(Refusal) {
        guard case .prefix(seen: 0) = place else { throw .messageCutOff }
    }

    private mutating func passPlain(_ data: ByteBuffer) throws(Refusal) -> ByteBuffer? {
        var rest = data
        while rest.readableBytes > 0 {
            switch place {
            case .prefix(let seen):
                guard try readPrefix(&rest, seen: seen) else { break }
                guard !isCompressed else {
                    throw Refusal(
                        .malformed, "a message is marked as compressed, but grpc-encoding is missing")
                }
            case .message(let left):
                let taken = min(left, rest.readableBytes)
                try lease.grow(by: taken)
                rest.moveReaderIndex(forwardBy: taken)
                messageBytes(taken: taken, of: left)
            }
        }
        return data
    }

    private mutating func passGzip(_ data: ByteBuffer) throws(Refusal) -> ByteBuffer? {
        var rest = data
        var out: ByteBuffer?
        while rest.readableBytes > 0 {
            switch place {
            case .prefix(let seen):
                guard try readPrefix(&rest, seen: seen) else { break }
                try beginMessage()
            case .message(let left):
                guard let part = rest.readSlice(length: min(left, rest.readableBytes)) else { break }
                try lease.grow(by: part.readableBytes)
                try take(part)
                messageBytes(taken: part.readableBytes, of: left)
            }
            if case .message(left: 0) = place {
                out.append(try endMessage())
                place = .prefix(seen: 0)
            }
        }
        return out
    }

    /// Reads on in the prefix; true when it is complete.
    private mutating func readPrefix(_ data: inout ByteBuffer, seen: Int) throws(Refusal) -> Bool {
        var seen = seen
        while seen < Self.prefixBytes, let byte = data.readInteger(as: UInt8.self) {
            if seen == 0 {
                isCompressed = byte != 0
                length = 0
            } else {
                length = length << 8 | UInt32(byte)
            }
            seen += 1
        }
        place = .prefix(seen: seen)
        guard seen == Self.prefixBytes else { return false }
        // Refused at its prefix: the bytes need not arrive first.
        guard length <= bytesMax else { throw .tooLarge(limit: bytesMax) }
        place = length == 0 && !isGzip ? .prefix(seen: 0) : .message(left: Int(length))
        return true
    }

    private mutating func messageBytes(taken: Int, of left: Int) {
        place = taken == left && !isGzip ? .prefix(seen: 0) : .message(left: left - taken)
    }

    private mutating func beginMessage() throws(Refusal) {
        inflated = ByteBuffer()
        inflated.writeRepeatingByte(0, count: Self.prefixBytes)
        guard isCompressed else { return inflater = nil }
        do throws(GzipInflater.Failure) {
            inflater = try GzipInflater(bytesMax: bytesMax)
        } catch {
            throw Refusal(error, limit: bytesMax)
        }
    }

    private mutating func take(_ part: ByteBuffer) throws(Refusal) {
        guard isCompressed else {
            inflated.writeImmutableBuffer(part)
            return
        }
        let before = inflated.readableBytes
        do throws(GzipInflater.Failure) {
            try inflater?.inflate(part, into: &inflated)
        } catch {
            throw Refusal(error, limit: bytesMax)
        }
        try lease.grow(by: inflated.readableBytes - before)
    }

    /// The whole message, plain, with its prefix.
    private mutating func endMessage() throws(Refusal) -> ByteBuffer {
        do throws(GzipInflater.Failure) {
            try inflater?.finish()
        } catch {
            throw Refusal(error, limit: bytesMax)
        }
        inflater = nil
        inflated.setInteger(
            UInt32(inflated.readableBytes - Self.prefixBytes), at: inflated.readerIndex + 1)
        defer { inflated = ByteBuffer() }
        return inflated
    }
}

extension Refusal {
    fileprivate static let messageCutOff = Refusal(
        .malformed, "the stream ends in the middle of a message")
}

extension ByteBuffer? {
    fileprivate mutating func append(_ more: ByteBuffer) {
        if self == nil { self = more } else { self?.writeImmutableBuffer(more) }
    }
}

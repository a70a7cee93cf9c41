// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Collects the body of one request: as it is or gzip, with a length or in chunks, never more than the limit.
///
/// The budget is charged for what has arrived. An announced length costs its sender nothing, so it must not
/// cost the others anything either. The share is given back when the value goes away, so it must live until
/// the request is answered.
struct OTLPHTTPBody: ~Copyable {
    private let bytesMax: Int
    private var lease: RequestBudget.Lease
    private var parts: RequestBody.AsyncIterator
    private let bytesAnnounced: Int?
    private var bytesReceived = 0
    private let compression: Compression

    /// Room that is made for a body because its length was announced, bytes. Beyond it grows as it arrives.
    private static let bytesReservedMax = 1 << 20

    private enum Compression {
        case none, gzip

        init(_ contentEncoding: String?) throws(Refusal) {
            switch contentEncoding?.lowercased() {
            case nil, "", "identity": self = .none
            case "gzip", "x-gzip": self = .gzip
            default: throw Refusal(.unsupportedCompression, "Content-Encoding must be gzip or identity")
            }
        }
    }

    init(of request: Request, for ingest: TraceIngest) throws(Refusal) {
        let compression = try Compression(request.headers[.contentEncoding])
        let bytesAnnounced = request.headers[.contentLength].flatMap { Int($0) }
        let bytesMax = ingest.limits.requestBytesMax
        guard bytesAnnounced ?? 0 <= bytesMax else { throw .tooLarge(limit: bytesMax) }
        self.init(
            bytesMax: bytesMax, lease: ingest.budget.open(), parts: request.body.makeAsyncIterator(),
            bytesAnnounced: bytesAnnounced, compression: compression)
    }

    private init(
        bytesMax: Int, lease: consuming RequestBudget.Lease, parts: RequestBody.AsyncIterator,
        bytesAnnounced: Int?, compression: Compression
    ) {
        self.bytesMax = bytesMax
        self.lease = lease
        self.parts = parts
        self.bytesAnnounced = bytesAnnounced
        self.compression = compression
    }

    /// The bytes of the message, decompressed.
    mutating func collect() async throws(Refusal) -> ByteBuffer {
        switch compression {
        case .none: try await collectPlain()
        case .gzip: try await collectGzip()
        }
    }

    private mutating func collectPlain() async throws(Refusal) -> ByteBuffer {
        // The first part is taken as it is: a small request is never copied.
        guard var collected = try await nextPart() else { return ByteBuffer() }
        if let bytesAnnounced, bytesAnnounced > collected.readableBytes {
            collected.reserveCapacity(min(bytesAnnounced, Self.bytesReservedMax))
        }
        while let part = try await nextPart() { collected.writeImmutableBuffer(part) }
        return collected
    }

    private mutating func collectGzip() async throws(Refusal) -> ByteBuffer {
        var collected = ByteBuffer()
        do {
            var inflater = try GzipInflater(bytesMax: bytesMax)
            while let part = try await nextPart() {
                let before = inflater.bytesOut
                try inflater.inflate(part, into: &collected)
                try lease.grow(by: inflater.bytesOut - before)
            }
            try inflater.finish()
            return collected
        } catch let failure as GzipInflater.Failure {
            throw Refusal(failure, limit: bytesMax)
        } catch {
            throw (error as? Refusal) ?? .cutOff
        }
    }

    private mutating func nextPart() async throws(Refusal) -> ByteBuffer? {
        let part: ByteBuffer?
        do {
            part = try await parts.next()
        } catch {
            throw .cutOff
        }
        guard let part else {
            // A client that leaves in the middle looks like an end of the body.
            guard bytesReceived == bytesAnnounced ?? bytesReceived else { throw .cutOff }
            return nil
        }
        bytesReceived += part.readableBytes
        guard bytesReceived <= bytesMax else { throw .tooLarge(limit: bytesMax) }
        try lease.grow(by: part.readableBytes)
        return part
    }
}

extension Refusal {
    fileprivate static let cutOff = Refusal(.malformed, "the body ends before its announced end")

    init(_ failure: GzipInflater.Failure, limit: Int) {
        switch failure {
        case .notGzip: self.init(.malformed, "the body is not valid gzip")
        case .truncated: self.init(.malformed, "the gzip body ends before its end")
        case .overLimit: self = .tooLarge(limit: limit)
        case .noMemory: self = .overloaded
        }
    }
}

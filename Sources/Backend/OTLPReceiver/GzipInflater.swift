// SPDX-License-Identifier: Apache-2.0

internal import CZlib
package import NIOCore

/// Decompresses gzip piece by piece and stops at a limit, so that a few bytes cannot become gigabytes.
///
/// Concatenated members are read as one stream. Source: RFC 1952, section 2.2.
package struct GzipInflater: ~Copyable {
    package enum Failure: Error, Hashable { case notGzip, truncated, overLimit, noMemory }

    // On the heap, because zlib remembers the address of the stream and refuses to work after a move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let bytesMax: Int
    /// Bytes given out so far.
    package private(set) var bytesOut = 0
    /// True before the first byte and behind each complete member: the only places where the input may end.
    private var isBetweenMembers = true

    /// 15 bits of window, the most that gzip uses; 16 more asks zlib for the gzip framing.
    private static let windowBits: Int32 = 15 + 16
    /// Smallest piece of output that is asked for, bytes.
    private static let pieceBytes = 16 << 10

    package init(bytesMax: Int) throws(Failure) {
        self.bytesMax = bytesMax
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let size = Int32(MemoryLayout<z_stream>.size)
        guard inflateInit2_(stream, Self.windowBits, ZLIB_VERSION, size) == Z_OK else {
            stream.deallocate()
            throw .noMemory
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Appends what `input` decompresses to. After an error the inflater is of no further use.
    package mutating func inflate(_ input: ByteBuffer, into output: inout ByteBuffer) throws(Failure) {
        guard input.readableBytes > 0 else { return }
        let result = input.withUnsafeReadableBytes { bytes -> Failure? in
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(bytes.count)
            return inflateAvailable(into: &output)
        }
        stream.pointee.next_in = nil
        stream.pointee.avail_in = 0
        if let result { throw result }
    }

    /// To be called behind the last input: throws ``Failure/truncated`` when it ended in the middle of a
    /// member.
    package func finish() throws(Failure) {
        guard isBetweenMembers else { throw .truncated }
    }

    private mutating func inflateAvailable(into output: inout ByteBuffer) -> Failure? {
        while true {
            // One byte over the limit is asked for, so that "exactly at the limit" and "more" can be told
            // apart.
            let room = min(max(Int(stream.pointee.avail_in) * 4, Self.pieceBytes), bytesMax - bytesOut + 1)
            var code = Z_OK
            let written = output.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { bytes in
                stream.pointee.next_out = bytes.bindMemory(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(room)
                code = CZlib.inflate(stream, Z_NO_FLUSH)
                return room - Int(stream.pointee.avail_out)
            }
            stream.pointee.next_out = nil
            bytesOut += written
            if bytesOut > bytesMax { return .overLimit }
            switch code {
            case Z_STREAM_END:
                isBetweenMembers = true
                if stream.pointee.avail_in == 0 { return nil }
                guard inflateReset(stream) == Z_OK else { return .notGzip }
                isBetweenMembers = false
            case Z_OK:
                isBetweenMembers = false
                // Output that was not filled means that the input is used up.
                if stream.pointee.avail_in == 0, written < room { return nil }
            case Z_BUF_ERROR:
                // No progress was possible: the rest has to come with the next piece.
                isBetweenMembers = false
                return nil
            case Z_MEM_ERROR:
                return .noMemory
            default:
                return .notGzip
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CZlib
package import NIOCore

/// Compression of requests. Source: RFC 1952.
package enum Gzip {
    /// 15 bits of window, the most; 16 more asks zlib for the gzip framing.
    private static let windowBits: Int32 = 15 + 16
    /// As zlib's own default.
    private static let memoryLevel: Int32 = 8
    /// Bytes of output that are asked for at a time. Spans shrink to a tenth, so that most batches need one or two.
    private static let pieceBytes = 32 << 10

    /// One gzip member with `bytes` in it; nil when there is no memory for it.
    ///
    /// At zlib's own level, 6, as all other SDKs.
    package static func compress(_ bytes: [UInt8]) -> ByteBuffer? {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard
            deflateInit2_(
                &stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, windowBits, memoryLevel, Z_DEFAULT_STRATEGY,
                ZLIB_VERSION, size) == Z_OK
        else { return nil }
        defer { deflateEnd(&stream) }
        var output = ByteBufferAllocator().buffer(capacity: pieceBytes)
        return bytes.withUnsafeBufferPointer { input -> ByteBuffer? in
            // zlib does not write there; its type lacks the word.
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            // A request has 64 MiB at most.
            stream.avail_in = UInt32(input.count)
            while true {
                var code = Z_OK
                output.writeWithUnsafeMutableBytes(minimumWritableBytes: pieceBytes) { piece in
                    let room = min(piece.count, Int(UInt32.max))
                    stream.next_out = piece.bindMemory(to: UInt8.self).baseAddress
                    stream.avail_out = UInt32(room)
                    code = deflate(&stream, Z_FINISH)
                    return room - Int(stream.avail_out)
                }
                switch code {
                case Z_STREAM_END: return output
                case Z_OK: continue
                default: return nil
                }
            }
        }
    }
}

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

    /// What `bytes`, whole gzip members, hold; nil when they hold something else, or more than `bytesMax`.
    package static func decompress(_ bytes: [UInt8], bytesMax: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
        else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceBytes)
        return bytes.withUnsafeBufferPointer { input -> [UInt8]? in
            // zlib does not write there; its type lacks the word.
            stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
            stream.avail_in = UInt32(clamping: input.count)
            while true {
                let (code, count) = piece.withUnsafeMutableBufferPointer { piece in
                    stream.next_out = piece.baseAddress
                    stream.avail_out = UInt32(piece.count)
                    let code = inflate(&stream, Z_NO_FLUSH)
                    return (code, piece.count - Int(stream.avail_out))
                }
                output += piece[..<count]
                guard output.count <= bytesMax else { return nil }
                switch code {
                case Z_STREAM_END where stream.avail_in == 0: return output
                case Z_STREAM_END: guard inflateReset(&stream) == Z_OK else { return nil }
                // No progress: the input has ended in the middle.
                case Z_OK where count > 0 || stream.avail_in > 0: continue
                default: return nil
                }
            }
        }
    }
}

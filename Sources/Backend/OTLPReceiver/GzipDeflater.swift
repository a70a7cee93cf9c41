// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Compresses to gzip piece by piece; the other direction of ``GzipInflater``.
package struct GzipDeflater: ~Copyable {
    // On the heap, because zlib remembers the address of the stream and refuses to work after a move.
    private let stream: UnsafeMutablePointer<z_stream>

    /// 15 bits of window; 16 more asks zlib for the gzip framing.
    private static let windowBits: Int32 = 15 + 16
    private static let pieceBytes = 64 << 10

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // Fails only without memory; then nothing comes out of `deflate`, and the file is not valid gzip.
        deflateInit2_(
            stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, Self.windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    /// What is ready to be written after `input`; behind the last input everything is.
    package mutating func deflate(_ input: [UInt8], isLast: Bool = false) -> [UInt8] {
        var input = input
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
        let stream = stream
        input.withUnsafeMutableBufferPointer { input in
            stream.pointee.next_in = input.baseAddress
            stream.pointee.avail_in = UInt32(input.count)
            repeat {
                let written = piece.withUnsafeMutableBufferPointer { piece in
                    stream.pointee.next_out = piece.baseAddress
                    stream.pointee.avail_out = UInt32(piece.count)
                    _ = CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return piece.count - Int(stream.pointee.avail_out)
                }
                output += piece[..<written]
                // A piece that is not full: everything that was ready is out.
            } while stream.pointee.avail_out == 0
        }
        stream.pointee.next_in = nil
        stream.pointee.next_out = nil
        return output
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import CZlib
package import NIOCore

/// One gzip member with `bytes` in it.
package func gzip(_ bytes: [UInt8]) -> ByteBuffer {
    var stream = z_stream()
    var input = bytes
    let size = Int32(MemoryLayout<z_stream>.size)
    deflateInit2_(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    defer { deflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))))
    let written = input.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { output in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(input.count)
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(output.count)
            deflate(&stream, Z_FINISH)
            return output.count - Int(stream.avail_out)
        }
    }
    return ByteBuffer(bytes: output.prefix(written))
}

/// What is in one gzip member; nil when it is none.
package func gunzip(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = z_stream()
    var input = bytes
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    return input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        while true {
            let (code, count) = piece.withUnsafeMutableBufferPointer { piece in
                stream.next_out = piece.baseAddress
                stream.avail_out = UInt32(piece.count)
                let code = inflate(&stream, Z_NO_FLUSH)
                return (code, piece.count - Int(stream.avail_out))
            }
            output.append(contentsOf: piece.prefix(count))
            if code == Z_STREAM_END { return stream.avail_in == 0 ? output : nil }
            if code != Z_OK { return nil }
        }
    }
}

extension ByteBuffer {
    package var bytes: [UInt8] { Array(readableBytesView) }

    /// The same bytes in pieces of at most `count`.
    package func pieces(of count: Int) -> [ByteBuffer] {
        var rest = self
        var pieces: [ByteBuffer] = []
        while rest.readableBytes > 0 {
            if let piece = rest.readSlice(length: min(count, rest.readableBytes)) { pieces.append(piece) }
        }
        return pieces
    }
}

// SPDX-License-Identifier: Apache-2.0

import CZlib
import TelemetryStorage

/// Bytes of a block of logs, compressed: its rows, and the records of consecutive rows together.
enum LogFrame {
    /// Records are gathered up to this many bytes. Smaller frames compress worse, greater ones make a
    /// single record dearer to read. One record above it is a frame of its own.
    static let bytesMax = 64 << 10

    private static let plain: UInt8 = 0
    /// zlib, as schema 2 and before wrote it. Only read.
    private static let deflated: UInt8 = 1
    /// A ``Section``: zstd behind a checksum.
    private static let section: UInt8 = 2
    /// Bytes that a frame may claim to unpack to. SQLite keeps no greater value.
    private static let unpackedMax = 1 << 30

    static func pack(_ records: [UInt8]) -> [UInt8] {
        var writer = SectionWriter()
        // Without memory to compress they are kept as they are.
        let packed = (try? writer.frame(records)).map { writer.bytes }
        var out = ByteWriter()
        out.reserve((packed ?? records).count + 1)
        out.byte(packed == nil ? plain : section)
        out.raw(packed ?? records)
        return out.bytes
    }

    static func unpack(_ bytes: [UInt8]) throws(StorageError) -> [UInt8] {
        var input = ByteReader(bytes)
        switch try input.byte() {
        case plain:
            return Array(bytes[1...])
        case section:
            return try Section.unpack(Array(bytes[1...]))
        case deflated:
            guard let size = Int(exactly: try input.varint()), size <= unpackedMax else {
                throw .damaged("the size of a frame")
            }
            var records = [UInt8](repeating: 0, count: size)
            var count = uLongf(size)
            let status = bytes.withUnsafeBufferPointer { packed in
                uncompress(
                    &records, &count, packed.baseAddress.map { $0 + input.offset }, uLong(input.remaining))
            }
            guard status == Z_OK, Int(count) == size else { throw .damaged("a compressed frame") }
            return records
        default:
            throw .damaged("an unknown frame")
        }
    }
}

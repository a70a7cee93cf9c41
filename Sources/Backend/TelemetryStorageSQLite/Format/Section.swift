// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage

/// One column or table of a block as it lies in its row: a checksum, the size, and compressed frames.
///
/// A section has several frames where what stands behind each other has nothing in common, so that each is
/// coded by its own frequencies.
struct SectionWriter {
    private var out: [UInt8] = []
    private var size = 0

    /// Compresses `bytes` as a frame of their own.
    mutating func frame(_ bytes: [UInt8]) throws(StorageError) {
        guard !bytes.isEmpty else { return }
        size += bytes.count
        var out = out
        self.out = []
        try bytes.withRawBytes { (raw) throws(StorageError) in try Zstd.compress(raw, to: &out) }
        self.out = out
    }

    /// The row.
    var bytes: [UInt8] {
        var row = ByteWriter()
        row.reserve(out.count + 20)
        row.fixed64(0)
        row.varint(size)
        row.raw(out)
        row.setFixed64(Section.checksum(row.bytes[8...]), at: 0)
        return row.bytes
    }
}

enum Section {
    /// What the frames of a row hold together.
    static func unpack(_ row: [UInt8]) throws(StorageError) -> [UInt8] {
        try row.withRawBytes { (raw) throws(StorageError) in try unpack(raw) }
    }

    static func unpack(_ row: UnsafeRawBufferPointer) throws(StorageError) -> [UInt8] {
        // Checksum and size.
        var input = ByteReader([UInt8](row.prefix(8 + 10)))
        let checksum = try input.fixed64()
        guard checksum == Self.checksum(UnsafeRawBufferPointer(rebasing: row[input.offset...])) else {
            throw .damaged("a checksum")
        }
        guard let size = Int(exactly: try input.varint()) else { throw .damaged("the size of a part") }
        return try Zstd.decompress(UnsafeRawBufferPointer(rebasing: row[input.offset...]), count: size)
    }

    /// FNV-1a over words of eight bytes, with the bits mixed at the end. Kept in files: never change it.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBytes { checksum($0) }
    }

    private static func checksum(_ raw: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        var offset = 0
        while offset + 8 <= raw.count {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
            hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
            hash ^= hash >> 32
            offset += 8
        }
        while offset < raw.count {
            hash = (hash ^ UInt64(raw[offset])) &* 0x0000_0100_0000_01b3
            offset += 1
        }
        hash ^= UInt64(raw.count)
        hash = (hash ^ (hash >> 29)) &* 0xbf58_476d_1ce4_e5b9
        return hash ^ (hash >> 32)
    }
}

extension [UInt8] {
    /// As `withUnsafeBytes`, with typed errors.
    func withRawBytes<T, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> T) throws(E) -> T {
        try withUnsafeBufferPointer { (buffer) throws(E) in try body(UnsafeRawBufferPointer(buffer)) }
    }
}

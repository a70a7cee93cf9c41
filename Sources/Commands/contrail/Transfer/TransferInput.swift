// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import OTLPReceiver

/// The bytes of a file on their way into messages: decompressed when they are gzip or zstd.
struct TransferInput: ~Copyable {
    private var cutter = OTLPFileCutter()
    private var inflater: GzipInflater?
    private var unpacker: ZstdUnpacker?
    private var compression = Compression.none
    /// The first bytes, until they are enough to tell what it is.
    private var beginning: [UInt8]? = []
    /// True when something has come.
    private(set) var hasBytes = false

    /// Bytes that an import may take unpacked, from one file. Far above any; gzip has no end of its own.
    private static let bytesMax = 1 << 42

    // RFC 1952, 2.3.1, and RFC 8878, 3.1.1 and 3.1.2 (a skippable frame, its last half byte is any).
    private static let gzipMagic: [UInt8] = [0x1f, 0x8b]
    private static let zstdMagic: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]
    private static let skippableMagic: [UInt8] = [0x2a, 0x4d, 0x18]

    /// The messages that are complete now.
    mutating func append(_ chunk: Data) throws(CommandFailure) -> [OTLPFileCutter.Document] {
        hasBytes = hasBytes || !chunk.isEmpty
        var bytes = [UInt8](chunk)
        // A pipe may give one byte at first.
        if let before = beginning {
            bytes = before + bytes
            guard bytes.count >= Self.zstdMagic.count else {
                beginning = bytes
                return []
            }
            try begin(bytes)
        }
        return try take(bytes)
    }

    /// To be called behind the last bytes.
    mutating func finish() throws(CommandFailure) -> [OTLPFileCutter.Document] {
        var documents: [OTLPFileCutter.Document] = []
        if let before = beginning {
            try begin(before)
            documents = try take(before)
        }
        do throws(GzipInflater.Failure) {
            try inflater?.finish()
        } catch {
            throw Self.words(error)
        }
        do throws(ZstdUnpacker.Failure) {
            try unpacker?.finish()
        } catch {
            throw Self.words(error)
        }
        return documents + (try cutter.finish())
    }

    private mutating func begin(_ bytes: [UInt8]) throws(CommandFailure) {
        beginning = nil
        if bytes.starts(with: Self.gzipMagic) {
            compression = .gzip
            do throws(GzipInflater.Failure) {
                inflater = try GzipInflater(bytesMax: Self.bytesMax)
            } catch {
                throw Self.words(error)
            }
        } else if bytes.starts(with: Self.zstdMagic)
            || (bytes.first.map { $0 & 0xf0 == 0x50 } ?? false)
                && bytes.dropFirst().starts(with: Self.skippableMagic)
        {
            compression = .zstd
            do throws(ZstdUnpacker.Failure) {
                unpacker = try ZstdUnpacker()
            } catch {
                throw Self.words(error)
            }
        }
    }

    private mutating func take(_ bytes: [UInt8]) throws(CommandFailure) -> [OTLPFileCutter.Document] {
        switch compression {
        case .none: return try cutter.append(bytes)
        case .gzip:
            var plain = ByteBuffer()
            do throws(GzipInflater.Failure) {
                try inflater?.inflate(ByteBuffer(bytes: bytes), into: &plain)
            } catch {
                throw Self.words(error)
            }
            return try cutter.append(plain.readableBytesView)
        case .zstd:
            var documents: [OTLPFileCutter.Document] = []
            var cutter = cutter
            // Held here alone, so that its bytes are not copied with each piece.
            self.cutter = OTLPFileCutter()
            defer { self.cutter = cutter }
            let failure = try unpacker?.unpack(bytes) { (piece) throws(CommandFailure) in
                documents += try cutter.append(piece)
            }
            if let failure { throw Self.words(failure) }
            return documents
        }
    }

    private static func words(_ failure: GzipInflater.Failure) -> CommandFailure {
        switch failure {
        case .notGzip: CommandFailure("it begins as gzip and is not valid gzip.")
        case .truncated: CommandFailure("the gzip ends before its end; was the file cut off?")
        case .overLimit: CommandFailure("unpacked it has more than \(bytesMax >> 40) TiB.")
        case .noMemory: CommandFailure("there is no memory left to unpack it.")
        }
    }

    private static func words(_ failure: ZstdUnpacker.Failure) -> CommandFailure {
        switch failure {
        case .notZstd:
            CommandFailure("it begins as zstd and is not valid zstd, or needs a window above 128 MiB.")
        case .truncated: CommandFailure("the zstd ends before its end; was the file cut off?")
        case .noMemory: CommandFailure("there is no memory left to unpack it.")
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import OTLPReceiver

/// The bytes of a file on their way into messages: decompressed when they are gzip.
struct TransferInput: ~Copyable {
    private var cutter = OTLPFileCutter()
    private var inflater: GzipInflater?
    private var isGzip = false
    private var isFirst = true

    /// Bytes that an import may take unpacked, from one file. Far above any; gzip has no end of its own.
    private static let bytesMax = 1 << 42

    /// The messages that are complete now.
    mutating func append(_ chunk: Data) throws(CommandFailure) -> [OTLPFileCutter.Document] {
        if isFirst {
            isFirst = false
            // RFC 1952, 2.3.1, and RFC 8878, 3.1.1: the magic numbers.
            if chunk.starts(with: [0x1f, 0x8b]) { try beginGzip() }
            guard !chunk.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) else {
                throw CommandFailure("it is zstd, which is not read: zstd -dc FILE | contrail import -.")
            }
        }
        guard isGzip else { return try cutter.append(chunk) }
        var plain = ByteBuffer()
        do throws(GzipInflater.Failure) {
            try inflater?.inflate(ByteBuffer(bytes: chunk), into: &plain)
        } catch {
            throw Self.words(error)
        }
        return try cutter.append(plain.readableBytesView)
    }

    /// To be called behind the last bytes.
    mutating func finish() throws(CommandFailure) -> [OTLPFileCutter.Document] {
        do throws(GzipInflater.Failure) {
            try inflater?.finish()
        } catch {
            throw Self.words(error)
        }
        return try cutter.finish()
    }

    private mutating func beginGzip() throws(CommandFailure) {
        do throws(GzipInflater.Failure) {
            inflater = try GzipInflater(bytesMax: Self.bytesMax)
            isGzip = true
        } catch {
            throw Self.words(error)
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
}

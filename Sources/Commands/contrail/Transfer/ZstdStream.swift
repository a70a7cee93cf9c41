// SPDX-License-Identifier: Apache-2.0

internal import CZstd

/// Compresses to one zstd frame piece by piece.
final class ZstdPacker {
    struct NoMemory: Error {}

    // Level 3 is what the command `zstd` does, and keeps up with a disk.
    private static let level: Int32 = 3

    private let context: OpaquePointer

    init() throws(NoMemory) {
        guard let context = ZSTD_createCCtx() else { throw NoMemory() }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Self.level)
        // RFC 8878, 3.1.1: a reader then tells a torn file from a whole one.
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    /// What is ready to be written after `input`; behind the last input everything is.
    func pack(_ input: [UInt8], isLast: Bool = false) throws(NoMemory) -> [UInt8] {
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())
        let failed = input.withUnsafeBytes { bytes in
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            while true {
                var left = 0
                let written = piece.withUnsafeMutableBytes { piece in
                    var target = ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
                    left = ZSTD_compressStream2(
                        context, &target, &source, isLast ? ZSTD_e_end : ZSTD_e_continue)
                    return target.pos
                }
                guard ZSTD_isError(left) == 0 else { return true }
                output += piece[..<written]
                if isLast ? left == 0 : source.pos == source.size { return false }
            }
        }
        if failed { throw NoMemory() }
        return output
    }
}

/// Unpacks zstd piece by piece. Several frames one after the other are read as one stream.
struct ZstdUnpacker: ~Copyable {
    enum Failure: Error, Hashable { case notZstd, truncated, noMemory }

    /// The largest window of a frame that is unpacked, as a power of two: 128 MiB, as the command `zstd` does without
    /// `--long=31`. A frame of a few bytes could ask for 2 TiB.
    private static let windowLogMax: Int32 = 27

    private let context: OpaquePointer
    private var isBetweenFrames = true

    init() throws(Failure) {
        guard let context = ZSTD_createDCtx() else { throw .noMemory }
        self.context = context
        ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, Self.windowLogMax)
    }

    deinit { ZSTD_freeDCtx(context) }

    /// Gives `take` what `input` unpacks to, piece by piece: few bytes can be very many.
    mutating func unpack<E: Error>(
        _ input: [UInt8], take: ([UInt8]) throws(E) -> Void
    ) throws(E) -> Failure? {
        var piece = [UInt8](repeating: 0, count: ZSTD_DStreamOutSize())
        var position = 0
        while true {
            var code = 0
            let written = input.withUnsafeBytes { bytes in
                piece.withUnsafeMutableBytes { piece in
                    var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: position)
                    var target = ZSTD_outBuffer(dst: piece.baseAddress, size: piece.count, pos: 0)
                    code = ZSTD_decompressStream(context, &target, &source)
                    position = source.pos
                    return target.pos
                }
            }
            guard ZSTD_isError(code) == 0 else {
                return ZSTD_getErrorCode(code) == ZSTD_error_memory_allocation ? .noMemory : .notZstd
            }
            if written > 0 { try take(Array(piece[..<written])) }
            // RFC 8878, 3.1: frames follow each other without anything between them.
            isBetweenFrames = code == 0
            if position == input.count, written < piece.count || isBetweenFrames { return nil }
        }
    }

    /// To be called behind the last input.
    func finish() throws(Failure) {
        guard isBetweenFrames else { throw .truncated }
    }
}

// SPDX-License-Identifier: Apache-2.0

import CZstd
import Synchronization
import TelemetryStorage

/// zstd at its level 1. Level 3 was never smaller on telemetry, lower ones cost more pages than they save CPU.
enum Zstd {
    private static let level: Int32 = 1
    /// Bytes that may be claimed to unpack to. SQLite keeps no greater value.
    static let unpackedMax = 1 << 30

    /// A context of either kind.
    // Safety: it is out of the pool while a thread uses it.
    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
        init?(_ pointer: OpaquePointer?) {
            guard let pointer else { return nil }
            self.pointer = pointer
        }
    }

    // Making a context costs as much as compressing some ten thousand bytes. Few are ever in use at once.
    private static let compressors = Mutex<[Context]>([])
    private static let decompressors = Mutex<[Context]>([])

    /// Appends one frame with `bytes` in it.
    static func compress(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) throws(StorageError) {
        guard let context = compressors.withLock({ $0.popLast() }) ?? Context(ZSTD_createCCtx()) else {
            throw .unavailable("no memory to compress")
        }
        defer { compressors.withLock { $0.append(context) } }
        let bound = ZSTD_compressBound(bytes.count)
        let count = withUnsafeTemporaryAllocation(byteCount: bound, alignment: 16) { buffer in
            let count = ZSTD_compressCCtx(
                context.pointer, buffer.baseAddress, bound, bytes.baseAddress, bytes.count, level)
            if ZSTD_isError(count) == 0 {
                output.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            return count
        }
        guard ZSTD_isError(count) == 0 else { throw .unavailable("no memory to compress") }
    }

    /// Unpacks all frames of `packed`, which give exactly `count` bytes.
    static func decompress(_ packed: UnsafeRawBufferPointer, count: Int) throws(StorageError) -> [UInt8] {
        guard count >= 0, count <= unpackedMax else { throw .damaged("the size of a compressed part") }
        guard let context = decompressors.withLock({ $0.popLast() }) ?? Context(ZSTD_createDCtx()) else {
            throw .unavailable("no memory to decompress")
        }
        defer { decompressors.withLock { $0.append(context) } }
        var size = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            size = ZSTD_decompressDCtx(
                context.pointer, buffer.baseAddress, count, packed.baseAddress, packed.count)
            initialized = ZSTD_isError(size) == 0 ? size : 0
        }
        guard bytes.count == count else { throw .damaged("a compressed part") }
        return bytes
    }
}

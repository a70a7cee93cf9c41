// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Encoded spans one behind the other: for each its tracer's facts (a pointer that stays valid) and the
/// number of its bytes (both eight bytes, native order), then its bytes. Written by the queue's shard
/// that holds it; unchanged once it has been handed over.
final class SpanChunk: @unchecked Sendable {
    // Safety: see above; `used` is set at the hand-over, under the shard's lock.
    static let recordHeadSize = 16
    /// Bytes of a normal chunk; a span that does not fit into one gets a chunk of its own.
    static let normalSize = 64 << 10

    let memory: UnsafeMutableRawPointer
    let capacity: Int
    var used = 0
    var spanCount = 0
    private let pool: ChunkPool

    init(capacity: Int, pool: ChunkPool) {
        self.pool = pool
        self.capacity = capacity
        memory = pool.take(capacity)
    }

    deinit { pool.give(memory, capacity) }

    /// Where the record after the one at `offset` starts.
    func next(after offset: Int) -> Int {
        offset + Self.recordHeadSize + memory.loadUnaligned(fromByteOffset: offset + 8, as: Int.self)
    }
}

/// Memory of chunks to use again: fresh memory costs a page fault for each 4 KiB.
final class ChunkPool: Sendable {
    /// Kept for the next burst; more goes back to the allocator.
    private static let keptMax = 32

    private struct Memory: @unchecked Sendable {
        // Safety: nobody else knows this memory.
        let start: UnsafeMutableRawPointer
    }

    private let free = Mutex<[Memory]>([])

    func take(_ capacity: Int) -> UnsafeMutableRawPointer {
        if capacity == SpanChunk.normalSize, let memory = free.withLock({ $0.popLast() }) {
            return memory.start
        }
        return .allocate(byteCount: capacity, alignment: 16)
    }

    func give(_ memory: UnsafeMutableRawPointer, _ capacity: Int) {
        let kept = capacity == SpanChunk.normalSize && Self.keep(Memory(start: memory), in: free)
        if !kept { memory.deallocate() }
    }

    private static func keep(_ memory: Memory, in free: borrowing Mutex<[Memory]>) -> Bool {
        free.withLock { free in
            guard free.count < keptMax else { return false }
            free.append(memory)
            return true
        }
    }

    deinit { free.withLock { for memory in $0 { memory.start.deallocate() } } }
}

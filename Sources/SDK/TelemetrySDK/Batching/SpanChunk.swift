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
    private let pool: ChunkPool?

    /// Nil when the pool's bytes are used up.
    init?(capacity: Int, pool: ChunkPool) {
        guard let memory = pool.take(capacity) else { return nil }
        self.pool = pool
        self.capacity = capacity
        self.memory = memory
    }

    /// One that counts nowhere.
    init(capacity: Int) {
        pool = nil
        self.capacity = capacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { if let pool { pool.give(memory, capacity) } else { memory.deallocate() } }
}

/// Memory of chunks: bounded, and to be used again, since fresh memory costs a page fault for each 4 KiB.
final class ChunkPool: Sendable {
    /// Kept for the next burst; more goes back to the allocator.
    private static let keptMax = 32

    private struct Memory: @unchecked Sendable {
        // Safety: nobody else knows this memory.
        let start: UnsafeMutableRawPointer
    }

    private struct State {
        var free: [Memory] = []
        var bytesInUse = 0
        /// A chunk was refused, and nothing has come back since.
        var isExhausted = false
        var isClosed = false
    }

    /// Bytes that chunks may have together; then ``take(_:)`` gives none.
    private let bytesMax: Int
    private let state = Mutex(State())

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Bytes of all chunks there are.
    var bytesInUse: Int { state.withLock(\.bytesInUse) }

    /// Whether a span found no room, and will find none until a chunk comes back.
    var isExhausted: Bool { state.withLock(\.isExhausted) }

    /// Bytes kept to be used again.
    var bytesKept: Int { state.withLock { $0.free.count * SpanChunk.normalSize } }

    func take(_ capacity: Int) -> UnsafeMutableRawPointer? {
        let (isAllowed, kept) = state.withLock { state -> (Bool, Memory?) in
            guard capacity <= bytesMax - state.bytesInUse else {
                state.isExhausted = true
                return (false, nil)
            }
            state.bytesInUse += capacity
            return (true, capacity == SpanChunk.normalSize ? state.free.popLast() : nil)
        }
        guard isAllowed else { return nil }
        return kept?.start ?? .allocate(byteCount: capacity, alignment: 16)
    }

    func give(_ memory: UnsafeMutableRawPointer, _ capacity: Int) {
        if !keep(Memory(start: memory), capacity) { memory.deallocate() }
    }

    private func keep(_ memory: Memory, _ capacity: Int) -> Bool {
        state.withLock { state in
            state.bytesInUse -= capacity
            state.isExhausted = false
            guard capacity == SpanChunk.normalSize, !state.isClosed, state.free.count < Self.keptMax else {
                return false
            }
            state.free.append(memory)
            return true
        }
    }

    /// Keeps nothing any more: a queue is never freed, and would hold what it does not need for ever.
    func close() {
        let kept = state.withLock { state in
            state.isClosed = true
            defer { state.free = [] }
            return state.free
        }
        for memory in kept { memory.start.deallocate() }
    }

    deinit { close() }
}

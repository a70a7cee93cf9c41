// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import Synchronization
import TelemetryModel

/// Where the spans of a batch processor wait, encoded.
///
/// Several shards, chosen by thread, so that threads neither wait for each other nor write the same word. The bound
/// on the number of spans is one counter of credits; a shard takes credits in blocks, so that most spans do not
/// touch it. Never freed: spans refer to it without counting (see ``ProviderFacts``).
final class BatchQueue: @unchecked Sendable {
    // Safety: shards are guarded by their locks, credits are atomic, the rest is immutable or in a Mutex.
    struct Shard {
        var lock: UInt32 = 0
        var isClosed = false
        var credits = 0
        /// Of the chunk being written; only to be used when there is room left.
        var memory: UnsafeMutableRawPointer
        var used = 0
        var capacity = 0
        var spanCount = 0
        var chunk: SpanChunk?
        var full: [SpanChunk] = []
        var droppedFull = 0
        var droppedShutDown = 0
        var droppedTooLarge = 0
    }

    /// Distance of two shards in memory, so that no two share a cache line or a pair of them.
    private static let shardStride = 256
    static let shardCount = 8
    private static let cacheLine = 64
    static let creditBlockMax = 32

    let capacity: Int
    let batchSize: Int
    let batchBytes: Int
    private let memory: UnsafeMutableRawPointer
    let facts: UnsafeMutablePointer<QueueFacts>
    let credits: UnsafeMutablePointer<Int64>
    let pool: ChunkPool
    let wake: WakeSignal
    let consumed: Mutex<ConsumedSpans>

    init(_ configuration: BatchSpanProcessor.Configuration, wake: WakeSignal) {
        capacity = configuration.queueSize
        batchSize = configuration.batchSize
        batchBytes = configuration.batchBytes
        self.wake = wake
        pool = ChunkPool(bytesMax: configuration.queueBytes)
        consumed = Mutex(ConsumedSpans())
        let size = Self.shardStride * (Self.shardCount + 1)
        memory = .allocate(byteCount: size, alignment: 256)
        precondition(MemoryLayout<Shard>.size <= Self.shardStride)
        for index in 0..<Self.shardCount {
            (memory + index * Self.shardStride).initializeMemory(as: Shard.self, to: Shard(memory: memory))
        }
        credits = (memory + Self.shardCount * Self.shardStride).initializeMemory(
            as: Int64.self, to: Int64(capacity))
        facts = .allocate(capacity: 1)
        facts.initialize(to: QueueFacts(shards: memory, core: Unmanaged.passRetained(self)))
    }

    @inline(__always)
    private func shard(_ index: Int) -> UnsafeMutablePointer<Shard> {
        (memory + index * Self.shardStride).assumingMemoryBound(to: Shard.self)
    }

    func withShard<Result>(_ index: Int, _ body: (inout Shard) -> Result) -> Result {
        let shard = shard(index)
        ctr_lock(&shard.pointee.lock)
        defer { ctr_unlock(&shard.pointee.lock) }
        return body(&shard.pointee)
    }

    /// Nil, without waiting, when somebody holds the shard's lock.
    func withFreeShard<Result>(_ index: Int, _ body: (inout Shard) -> Result) -> Result? {
        let shard = shard(index)
        guard ctr_try_lock(&shard.pointee.lock) else { return nil }
        defer { ctr_unlock(&shard.pointee.lock) }
        return body(&shard.pointee)
    }

    // MARK: Producers

    /// Takes a span that has ended, or drops and counts it. On the thread that ended the span: never waits but for
    /// another thread of the same shard, for as long as copying one span takes, or making the next chunk.
    @inline(__always)
    static func offer(
        _ span: RecordingSpan, _ state: UnsafeMutablePointer<SpanState>,
        to queue: UnsafeMutablePointer<QueueFacts>
    ) {
        let size = SpanEncoding.size(state)
        let recordSize = SpanChunk.recordHeadSize &+ size
        let index = Int(truncatingIfNeeded: ctr_thread_number()) & (shardCount &- 1)
        let shard = (queue.pointee.shards + index &* shardStride).assumingMemoryBound(to: Shard.self)
        ctr_lock(&shard.pointee.lock)
        if shard.pointee.credits == 0 || recordSize > shard.pointee.capacity &- shard.pointee.used {
            guard queue.pointee.core._withUnsafeGuaranteedRef({ $0.makeRoom(shard, recordSize) }) else {
                ctr_unlock(&shard.pointee.lock)
                return queue.pointee.core._withUnsafeGuaranteedRef { $0.blockEnded() }
            }
        }
        var bytes = SpanBytes(shard.pointee.memory + shard.pointee.used)
        bytes.putFixed64(UInt64(UInt(bitPattern: state.pointee.tracer)))
        bytes.putFixed64(UInt64(truncatingIfNeeded: size))
        SpanEncoding.encode(state, at: &bytes)
        // The exporting thread has read this memory, on another core, when it was used before. Without a hint the next
        // span's last release, which is atomic, waits until its lines are back. May point behind the chunk: it is a
        // hint, and reads and writes nothing.
        ctr_prefetch_for_writing(bytes.position + cacheLine)
        ctr_prefetch_for_writing(bytes.position + 2 &* cacheLine)
        shard.pointee.used &+= recordSize
        shard.pointee.spanCount &+= 1
        shard.pointee.credits &-= 1
        let isBlockEnd = shard.pointee.credits == 0
        ctr_unlock(&shard.pointee.lock)
        if isBlockEnd { queue.pointee.core._withUnsafeGuaranteedRef { $0.blockEnded() } }
    }

    /// Makes room for one span of `size` bytes in a shard whose lock is held; false, and counted, when it may not.
    @inline(never)
    private func makeRoom(_ shard: UnsafeMutablePointer<Shard>, _ size: Int) -> Bool {
        // Larger than a normal chunk, so that it always comes this way.
        guard size <= batchBytes else {
            shard.pointee.droppedTooLarge += 1
            return false
        }
        if shard.pointee.credits == 0, !takeCredits(shard) { return false }
        return size <= shard.pointee.capacity - shard.pointee.used || newChunk(shard, size)
    }

    /// A block of credits is used up: time to see whether a batch is full. Blocks end at multiples of the batch size.
    @inline(never)
    private func blockEnded() {
        let left = ctr_load_count(credits)
        // None left is as good as full: other shards may sit on credits, and the worker would sleep while
        // spans are dropped.
        if left <= 0 || Int64(capacity) - left >= Int64(batchSize) { wake.raise(.batchReady) }
    }

    /// With the shard's lock held. False, and counted, when there are none.
    @inline(never)
    private func takeCredits(_ shard: UnsafeMutablePointer<Shard>) -> Bool {
        guard !shard.pointee.isClosed else {
            shard.pointee.droppedShutDown += 1
            return false
        }
        while true {
            let left = ctr_load_count(credits)
            guard left > 0 else { break }
            let taken = Int64(capacity) - left
            // Small blocks when few are left, so that no shard sits on what another needs; and never across the
            // size of a batch, where the exporter has to be woken.
            let toBatchEnd = Int64(batchSize) - taken % Int64(batchSize)
            let wanted = min(
                Int64(Self.creditBlockMax), max(1, left / Int64(2 * Self.shardCount)), toBatchEnd)
            let before = ctr_add(credits, -wanted)
            if before >= wanted {
                shard.pointee.credits = Int(wanted)
                // Credits of this batch that another thread keeps may be all that is missing.
                if taken >= Int64(batchSize) { wake.raise(.batchReady) }
                return true
            }
            _ = ctr_add(credits, wanted)
        }
        shard.pointee.droppedFull += 1
        return false
    }

    /// With the shard's lock held. False, and counted, when the bytes are used up.
    @inline(never)
    private func newChunk(_ shard: UnsafeMutablePointer<Shard>, _ size: Int) -> Bool {
        handOver(&shard.pointee)
        guard let chunk = SpanChunk(capacity: max(SpanChunk.normalSize, size), pool: pool) else {
            shard.pointee.droppedFull += 1
            wake.raise(.batchReady)
            return false
        }
        shard.pointee.chunk = chunk
        shard.pointee.memory = chunk.memory
        shard.pointee.capacity = chunk.capacity
        // Large spans fill a batch before there are enough of them.
        if pool.bytesInUse >= batchBytes { wake.raise(.batchReady) }
        return true
    }

    func handOver(_ shard: inout Shard) {
        if let chunk = shard.chunk, shard.spanCount > 0 {
            chunk.used = shard.used
            chunk.spanCount = shard.spanCount
            shard.full.append(chunk)
        }
        shard.chunk = nil
        shard.used = 0
        shard.capacity = 0
        shard.spanCount = 0
    }
}

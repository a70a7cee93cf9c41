// SPDX-License-Identifier: Apache-2.0

import CTelemetryRuntime
import Synchronization

/// What the one consumer of a queue has taken out of it.
struct ConsumedSpans: Sendable {
    /// Taken out of the shards, still waiting for a batch (and still holding their credits).
    var pending: [SpanSegment] = []
    var pendingCount = 0
    /// In the batch being exported.
    var inFlight = 0
    /// Of the batch being exported, so that its result is counted once.
    var batchNumber = 0
    var delivered = 0
    var dropped: [SpanDropReason: Int] = [:]

    mutating func drop(_ count: Int, _ reason: SpanDropReason) {
        if count > 0 { dropped[reason, default: 0] += count }
    }
}

extension BatchQueue {
    /// Spans waiting.
    var queuedCount: Int {
        consumed.withLock { consumed in
            var count = consumed.pendingCount
            for index in 0..<Self.shardCount { count += waiting(index) }
            return count
        }
    }

    /// Whether a batch is to leave now, without waiting for the delay: a full one, or what there is when no more
    /// spans can be taken. With the lock of `consumed` held.
    private func isBatchReady(_ consumed: ConsumedSpans) -> Bool {
        if consumed.pendingCount >= batchSize { return true }
        // What the counter of credits says for certain needs no shard's lock, which a thread may hold that is
        // not running.
        let taken = capacity - Int(ctr_load_count(credits))
        if taken - Self.shardCount * Self.creditBlockMax >= batchSize { return true }
        repeat {
            var count = consumed.pendingCount
            var bytes = consumed.pending.reduce(0) { $0 + $1.end - $1.start }
            for index in 0..<Self.shardCount {
                withShard(index) { shard in
                    count += shard.full.reduce(shard.spanCount) { $0 + $1.spanCount }
                    bytes += shard.full.reduce(shard.used) { $0 + $1.used }
                    // A thread that makes no more spans would keep credits of this batch: the others then would make
                    // it full in the middle of a block of theirs, and nobody would wake the worker.
                    _ = ctr_add(credits, Int64(shard.credits))
                    shard.credits = 0
                }
            }
            if count >= batchSize || bytes >= batchBytes { return true }
            if count > 0, ctr_load_count(credits) <= 0 || pool.isExhausted { return true }
            // Who has taken credits in the meantime, of the next batch as it seemed, gives them back as well.
        } while capacity - Int(ctr_load_count(credits)) >= batchSize
        return false
    }

    private func waiting(_ index: Int) -> Int {
        withShard(index) { shard in shard.full.reduce(shard.spanCount) { $0 + $1.spanCount } }
    }

    /// The oldest spans, at most a batch of them, in number and in bytes; nil when nothing waits. One batch at a
    /// time. `onlyIfReady`: nil as well when a batch has to wait for more spans or for the delay.
    func takeBatch(onlyIfReady: Bool = false) -> (number: Int, spans: EncodedSpans)? {
        let batch = consumed.withLock { consumed -> (number: Int, spans: EncodedSpans)? in
            guard !onlyIfReady || isBatchReady(consumed) else { return nil }
            if consumed.pendingCount < batchSize { sweepForBatch(&consumed) }
            guard consumed.pendingCount > 0 else { return nil }
            let spans = cut(&consumed)
            consumed.inFlight = spans.count
            consumed.batchNumber += 1
            return (consumed.batchNumber, spans)
        }
        if let batch { _ = ctr_add(credits, Int64(batch.spans.count)) }
        return batch
    }

    /// First the shards that nobody holds: a thread that holds one may have lost its processor, and whoever waits
    /// for it waits until it gets one again. The others only when a batch is not full without them.
    private func sweepForBatch(_ consumed: inout ConsumedSpans) {
        var held: [Int] = []
        for index in 0..<Self.shardCount {
            guard let taken = withFreeShard(index, takeChunks) else {
                held.append(index)
                continue
            }
            keep(taken, &consumed)
        }
        for index in held where consumed.pendingCount < batchSize {
            keep(withShard(index, takeChunks), &consumed)
        }
    }

    /// Takes what the shards hold. With the lock of `consumed` held, so that counts stay exact.
    private func sweep(_ consumed: inout ConsumedSpans) {
        for index in 0..<Self.shardCount { keep(withShard(index, takeChunks), &consumed) }
    }

    private func takeChunks(_ shard: inout Shard) -> [SpanChunk] {
        handOver(&shard)
        let chunks = shard.full
        shard.full = []
        _ = ctr_add(credits, Int64(shard.credits))
        shard.credits = 0
        return chunks
    }

    private func keep(_ chunks: [SpanChunk], _ consumed: inout ConsumedSpans) {
        for chunk in chunks {
            consumed.pending.append(
                SpanSegment(chunk: chunk, start: 0, end: chunk.used, count: chunk.spanCount))
            consumed.pendingCount += chunk.spanCount
        }
    }

    private func cut(_ consumed: inout ConsumedSpans) -> EncodedSpans {
        var segments: [SpanSegment] = []
        var count = 0
        // With the heads of their records, which are longer than the tag and length of a span in a request.
        var bytes = 0
        var whole = 0
        while count < batchSize, whole < consumed.pending.count {
            let segment = consumed.pending[whole]
            if count + segment.count <= batchSize, bytes + segment.end - segment.start <= batchBytes {
                segments.append(segment)
                count += segment.count
                bytes += segment.end - segment.start
                whole += 1
                continue
            }
            let (offset, taken) = segment.part(countMax: batchSize - count, bytesMax: batchBytes - bytes)
            if taken > 0 {
                segments.append(
                    SpanSegment(chunk: segment.chunk, start: segment.start, end: offset, count: taken))
                consumed.pending[whole].start = offset
                consumed.pending[whole].count -= taken
                count += taken
            }
            break
        }
        consumed.pending.removeFirst(whole)
        consumed.pendingCount -= count
        return EncodedSpans(segments: segments, count: count)
    }

    /// Counts what became of batch `number`; false when that had been counted before (it took too long).
    func settle(_ number: Int, delivered: Int, dropped: Int, _ reason: SpanDropReason) -> Bool {
        consumed.withLock { consumed in
            guard consumed.batchNumber == number, consumed.inFlight > 0 else { return false }
            consumed.inFlight = 0
            consumed.delivered += delivered
            consumed.drop(dropped, reason)
            return true
        }
    }

    /// Takes no more spans.
    func close() {
        for index in 0..<Self.shardCount {
            withShard(index) { shard in
                shard.isClosed = true
                // Without credits the next span takes the slow way, where it is refused.
                _ = ctr_add(credits, Int64(shard.credits))
                shard.credits = 0
            }
        }
    }

    /// Drops what still waits or is being exported; how many spans that was.
    func abandon() -> (waiting: Int, inFlight: Int) {
        close()
        return consumed.withLock { consumed in
            sweep(&consumed)
            let lost = (waiting: consumed.pendingCount, inFlight: consumed.inFlight)
            consumed.pending = []
            consumed.pendingCount = 0
            consumed.inFlight = 0
            consumed.drop(lost.waiting + lost.inFlight, .shutDown)
            return lost
        }
    }

    /// Gives memory back. Once the queue is closed.
    func freeMemory() { pool.close() }

    /// Exact at this moment: what one shard says of itself always adds up, and nothing leaves a shard meanwhile.
    var counts: SpanCounts {
        consumed.withLock { consumed in
            var counts = SpanCounts()
            counts.delivered = consumed.delivered
            counts.inFlight = consumed.inFlight
            counts.droppedByReason = consumed.dropped
            counts.queued = consumed.pendingCount
            var full = 0
            var late = 0
            var large = 0
            counts.created = consumed.pendingCount + consumed.inFlight + consumed.delivered + counts.dropped
            for index in 0..<Self.shardCount {
                withShard(index) { shard in
                    let waiting = shard.full.reduce(shard.spanCount) { $0 + $1.spanCount }
                    counts.queued += waiting
                    counts.created += waiting
                    counts.created += shard.droppedFull + shard.droppedShutDown + shard.droppedTooLarge
                    large += shard.droppedTooLarge
                    full += shard.droppedFull
                    late += shard.droppedShutDown
                }
            }
            if large > 0 { counts.droppedByReason[.tooLarge, default: 0] += large }
            if full > 0 { counts.droppedByReason[.queueFull, default: 0] += full }
            if late > 0 { counts.droppedByReason[.shutDown, default: 0] += late }
            return counts
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Rows of blocks that were read not long ago, for all questions.
final class BlockCache: Sendable {
    /// About fifty blocks of usual spans. What was used longest ago goes when there is more; a block that is
    /// greater alone is not kept.
    static let bytesMax = 40 << 20

    private struct Entry {
        var block: StoredBlock
        var lastUse: UInt64
    }

    private struct Entries {
        var byNumber: [Int64: Entry] = [:]
        var bytes = 0
        var uses: UInt64 = 0

        mutating func remove(_ number: Int64) {
            bytes -= byNumber.removeValue(forKey: number)?.block.byteCount ?? 0
        }
    }

    private let bytesMax: Int
    private let entries = Mutex(Entries())

    init(bytesMax: Int = BlockCache.bytesMax) { self.bytesMax = bytesMax }

    /// About what is kept, in memory.
    var byteCount: Int { entries.withLock { $0.bytes } }

    func block(_ number: Int64) -> StoredBlock? {
        entries.withLock { entries in
            entries.uses += 1
            entries.byNumber[number]?.lastUse = entries.uses
            return entries.byNumber[number]?.block
        }
    }

    func keep(_ block: StoredBlock) {
        guard block.byteCount <= bytesMax else { return }
        entries.withLock { entries in
            entries.uses += 1
            entries.remove(block.number)
            entries.byNumber[block.number] = Entry(block: block, lastUse: entries.uses)
            entries.bytes += block.byteCount
            while entries.bytes > bytesMax,
                let oldest = entries.byNumber.min(by: { $0.value.lastUse < $1.value.lastUse })
            {
                entries.remove(oldest.key)
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Parts of sealed blocks that were read not long ago, unpacked, for all questions: by their first section's row.
final class PartCache: Sendable {
    enum Part: Sendable {
        case head(BlockHead)
        case traces(StoredTraces)
        case codes(StoredCodes)
        case block(StoredBlock)
        case column(StoredColumn)
        case dictionary(StoredDictionary)

        var byteCount: Int {
            switch self {
            case .head(let head): head.byteCount
            case .traces(let traces): traces.byteCount
            case .codes(let codes): codes.byteCount
            case .block(let block): block.byteCount
            case .column(let column): column.byteCount
            case .dictionary(let dictionary): dictionary.byteCount
            }
        }
    }

    /// What was used longest ago goes when there is more; a part that is greater alone is not kept.
    static let bytesMax = 48 << 20

    private struct Entry {
        var part: Part
        var bytes: Int
        var lastUse: UInt64
    }

    private struct Entries {
        var byRow: [Int64: Entry] = [:]
        var bytes = 0
        var uses: UInt64 = 0
    }

    private let bytesMax: Int
    private let entries = Mutex(Entries())

    init(bytesMax: Int = PartCache.bytesMax) { self.bytesMax = bytesMax }

    /// About what is kept, in memory.
    var byteCount: Int { entries.withLock { $0.bytes } }

    func part(_ row: Int64) -> Part? {
        entries.withLock { entries in
            entries.uses += 1
            entries.byRow[row]?.lastUse = entries.uses
            return entries.byRow[row]?.part
        }
    }

    func keep(_ part: Part, _ row: Int64) {
        // What an entry takes itself.
        let bytes = part.byteCount + 128
        guard bytes <= bytesMax else { return }
        entries.withLock { entries in
            entries.uses += 1
            entries.bytes += bytes - (entries.byRow[row]?.bytes ?? 0)
            entries.byRow[row] = Entry(part: part, bytes: bytes, lastUse: entries.uses)
            guard entries.bytes > bytesMax else { return }
            // A quarter at once: finding the oldest goes over all of them.
            for old in entries.byRow.sorted(by: { $0.value.lastUse < $1.value.lastUse }).dropLast() {
                entries.byRow[old.key] = nil
                entries.bytes -= old.value.bytes
                if entries.bytes <= bytesMax / 4 * 3 { break }
            }
        }
    }
}

// SPDX-License-Identifier: Apache-2.0

/// What a store deletes whole or not at all: a sealed block.
package struct StoredPortion: Hashable, Sendable {
    package var number: Int64
    /// When the last of it was stored, by this machine's clock, nanoseconds since 1970 UTC.
    package var storedAt: UInt64
    /// Spans, or log records.
    package var itemCount: Int
    /// About what the store's files lose with it.
    package var bytes: Int

    package init(number: Int64, storedAt: UInt64, itemCount: Int, bytes: Int) {
        self.number = number
        self.storedAt = storedAt
        self.itemCount = itemCount
        self.bytes = bytes
    }
}

/// What a store holds, as far as retention goes.
package struct StoreHoldings: Hashable, Sendable {
    package var portions: [StoredPortion]
    /// Bytes in use in the store's files: the portions, what is not in one yet, and all that is kept besides.
    package var bytes: Int

    package init(portions: [StoredPortion] = [], bytes: Int = 0) {
        self.portions = portions
        self.bytes = bytes
    }
}

/// A store out of which the oldest can be deleted.
package protocol PortionedStore: Sendable {
    func holdings() async throws(StorageError) -> StoreHoldings

    /// Makes a portion of what is in none and waits longer than since `time` (nanoseconds since 1970 UTC): a store
    /// that gets little would otherwise keep it for ever.
    func seal(waitingSince time: UInt64) async throws(StorageError)

    /// Deletes these portions and gives their room back to the file system. Questions that are under way go on;
    /// those that come later find nothing of them. Portions that are not there are no error.
    func delete(_ portions: [Int64]) async throws(StorageError)
}

// SPDX-License-Identifier: Apache-2.0

internal import TelemetryStorage

/// Which portions of the stores go, oldest first. Pure: sizes, disk and time come in.
struct RetentionPlan: Hashable, Sendable {
    enum Reason: String, Hashable, Sendable, CaseIterable {
        case age, bytes
        case diskShare = "disk_share"
    }

    struct Deletion: Hashable, Sendable {
        /// Which of the stores.
        var store: Int
        var portion: StoredPortion
        var reason: Reason
    }

    private(set) var deletions: [Deletion] = []

    /// - Parameters:
    ///   - stores: What each of them holds.
    ///   - limits: How much may stay.
    ///   - now: Nanoseconds since 1970 UTC.
    ///   - diskFreeBytes: What the file system has left; nil in memory.
    init(_ stores: [StoreHoldings], limits: RetentionLimits, now: UInt64, diskFreeBytes: Int?) {
        var taken = stores.reduce(0) { $0 + $1.bytes }
        let room = Self.room(limits, taken: taken, diskFreeBytes: diskFreeBytes)
        for (store, portion) in Self.oldestFirst(stores) {
            let reason: Reason
            if let age = limits.age, Self.isOlder(portion, than: age, at: now) {
                reason = .age
            } else if let room, taken > room.bytes {
                reason = room.reason
            } else {
                // All that follow are younger.
                break
            }
            deletions.append(Deletion(store: store, portion: portion, reason: reason))
            taken -= portion.bytes
        }
    }

    /// The narrower of the limits on size.
    private static func room(
        _ limits: RetentionLimits, taken: Int, diskFreeBytes: Int?
    ) -> (bytes: Int, reason: Reason)? {
        let share = limits.diskShare.flatMap { share in
            diskFreeBytes.map { free in
                (bytes: Int(share * (Double(taken) + Double(free))), reason: Reason.diskShare)
            }
        }
        let bytes = limits.bytes.map { (bytes: $0, reason: Reason.bytes) }
        guard let share, let bytes else { return share ?? bytes }
        return share.bytes < bytes.bytes ? share : bytes
    }

    private static func oldestFirst(_ stores: [StoreHoldings]) -> [(store: Int, portion: StoredPortion)] {
        stores.enumerated()
            .flatMap { store, holdings in holdings.portions.map { (store: store, portion: $0) } }
            .sorted {
                ($0.portion.storedAt, $0.store, $0.portion.number)
                    < ($1.portion.storedAt, $1.store, $1.portion.number)
            }
    }

    /// A clock that was set back makes nothing older.
    private static func isOlder(_ portion: StoredPortion, than age: Duration, at now: UInt64) -> Bool {
        guard now > portion.storedAt else { return false }
        return Duration.nanoseconds(Int64(clamping: now - portion.storedAt)) > age
    }
}

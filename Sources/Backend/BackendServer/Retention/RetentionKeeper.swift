// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Synchronization
internal import TelemetryStorage

/// Looks now and then whether the stores hold more than they may, deletes what is too much, and tells of it.
final class RetentionKeeper: Sendable {
    /// A store, and what people call what is in it.
    struct Kept: Sendable {
        var what: What
        var store: any PortionedStore
    }

    enum What: String, Hashable, Sendable, CaseIterable {
        case spans
        case logRecords = "log records"
    }

    struct Counts: Hashable, Sendable {
        struct Deleted: Hashable, Sendable {
            var what: What
            var reason: RetentionPlan.Reason
        }

        var items: [Deleted: UInt64] = [:]
        /// Sweeps that could not do what they should.
        var failures: UInt64 = 0

        /// For all reasons.
        func deleted(_ what: What) -> UInt64 {
            items.reduce(0) { $0 + ($1.key.what == what ? $1.value : 0) }
        }
    }

    private let limits: RetentionLimits
    private let kept: [Kept]
    private let diskFreeBytes: @Sendable () async -> Int?
    private let now: @Sendable () -> UInt64
    /// Since any moment, by a clock that nobody sets.
    private let steady: @Sendable () -> Duration
    private let logger: Logger
    private let state = Mutex(Counts())
    private let watch = Mutex(ClockWatch())

    /// From one sweep to the next. What came in between may stay that long too long.
    private static let intervalMax = Duration.seconds(60)
    private static let intervalMin = Duration.seconds(1)
    /// What waits in a journal becomes a block, which can be deleted, within this part of the age: 9 h of 72 h.
    private static let sealsPerAge = 8

    /// - Parameters:
    ///   - limits: How much may stay.
    ///   - kept: The stores that these limits hold for, together.
    ///   - diskFreeBytes: What the stores' file system has left; nil in memory.
    ///   - now: Nanoseconds since 1970 UTC.
    ///   - steady: Since any moment, by a clock that nobody sets, and which goes on while the machine sleeps.
    ///   - logger: Told what was deleted, and what could not be.
    init(
        _ limits: RetentionLimits, of kept: [Kept], diskFreeBytes: @escaping @Sendable () async -> Int?,
        now: @escaping @Sendable () -> UInt64,
        steady: @escaping @Sendable () -> Duration = RetentionKeeper.sinceFirstAsked, logger: Logger
    ) {
        self.limits = limits
        self.kept = kept
        self.diskFreeBytes = diskFreeBytes
        self.now = now
        self.steady = steady
        self.logger = logger
    }

    private static let firstAsked = ContinuousClock.now
    private static let sinceFirstAsked: @Sendable () -> Duration = { ContinuousClock.now - firstAsked }

    var counts: Counts { state.withLock { $0 } }

    /// Sweeps until it is cancelled.
    func run() async {
        guard limits != .none, !kept.isEmpty else { return }
        let interval = limits.age.map { max(Self.intervalMin, min($0 / Self.sealsPerAge, Self.intervalMax)) }
        while !Task.isCancelled {
            await sweep()
            try? await Task.sleep(for: interval ?? Self.intervalMax)
        }
    }

    func sweep() async {
        do throws(StorageError) {
            let unsealed = await seal()
            var holdings: [StoreHoldings] = []
            for kept in kept { holdings.append(try await kept.store.holdings()) }
            let plan = RetentionPlan(
                holdings, limits: believedLimits(), now: now(), diskFreeBytes: await diskFreeBytes())
            for (index, kept) in kept.enumerated() {
                try await delete(plan.deletions.filter { $0.store == index }, of: kept)
            }
            if let unsealed { throw unsealed }
        } catch {
            guard error != .closed, error != .cancelled else { return }
            state.withLock { $0.failures += 1 }
            logger.warning("what is too old or too much was not deleted", metadata: ["reason": "\(error)"])
        }
    }

    /// Without the age, as long as the clock may be wrong.
    private func believedLimits() -> RetentionLimits {
        guard limits.age != nil else { return limits }
        let (wall, steady) = (now(), steady())
        guard !watch.withLock({ $0.believes(wall: wall, steady: steady) }) else { return limits }
        logger.warning(
            "the system's clock has leapt: nothing is deleted for its age until it has been steady for an hour"
        )
        var believed = limits
        believed.age = nil
        return believed
    }

    /// Why something could not be. That must not keep what is too old: on a full disk only deleting makes the room in
    /// which new blocks can be made.
    private func seal() async -> StorageError? {
        guard let age = limits.age else { return nil }
        let part = UInt64(clamping: (age / Self.sealsPerAge) / .nanoseconds(1))
        let now = now()
        guard now > part else { return nil }
        var failure: StorageError?
        for kept in kept {
            do throws(StorageError) {
                try await kept.store.seal(waitingSince: now - part)
            } catch {
                failure = error
            }
        }
        return failure
    }

    private func delete(_ deletions: [RetentionPlan.Deletion], of kept: Kept) async throws(StorageError) {
        guard !deletions.isEmpty else { return }
        try await kept.store.delete(deletions.map(\.portion.number))
        for reason in RetentionPlan.Reason.allCases {
            let portions = deletions.filter { $0.reason == reason }.map(\.portion)
            guard !portions.isEmpty else { continue }
            let items = portions.reduce(0) { $0 + $1.itemCount }
            let bytes = portions.reduce(0) { $0 + $1.bytes }
            state.withLock {
                $0.items[Counts.Deleted(what: kept.what, reason: reason), default: 0] += UInt64(items)
            }
            logger.notice(
                "\(items) \(kept.what.rawValue) were deleted: \(reason.explanation)",
                metadata: [
                    "reason": "\(reason.rawValue)", "blocks": "\(portions.count)", "bytes": "\(bytes)",
                ])
        }
    }
}

extension RetentionPlan.Reason {
    fileprivate var explanation: String {
        switch self {
        case .age: "they are older than --retention-age"
        case .bytes: "the data took more than --retention-bytes"
        case .diskShare: "the data took more of the disk than --retention-disk-share"
        }
    }
}

extension UInt64 {
    fileprivate init(clamping value: Double) {
        self = value < 0 ? 0 : value < 0x1p63 ? UInt64(value) : 1 << 63
    }
}

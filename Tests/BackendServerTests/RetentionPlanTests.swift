// SPDX-License-Identifier: Apache-2.0

import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("What retention deletes")
struct RetentionPlanTests {
    private static let hour: UInt64 = 3_600_000_000_000
    private static let now: UInt64 = 1_000 * hour

    /// Portions of ten bytes, the first one stored so many hours ago.
    private func store(_ hoursAgo: UInt64..., besides: Int = 0) -> StoreHoldings {
        StoreHoldings(
            portions: hoursAgo.enumerated().map { index, hours in
                StoredPortion(
                    number: Int64(index) + 1, storedAt: Self.now - hours * Self.hour, itemCount: 1, bytes: 10)
            }, bytes: hoursAgo.count * 10 + besides)
    }

    /// "store.portion reason", in order.
    private func deletions(
        _ stores: [StoreHoldings], _ limits: RetentionLimits, now: UInt64 = Self.now, free: Int? = nil
    ) -> [String] {
        RetentionPlan(stores, limits: limits, now: now, diskFreeBytes: free).deletions
            .map { "\($0.store).\($0.portion.number) \($0.reason.rawValue)" }
    }

    @Test("nothing goes without a limit, and nothing of what is within all")
    func within() {
        let stores = [store(900, 3), store(5)]
        #expect(deletions(stores, .none, free: 0) == [])
        let limits = RetentionLimits(age: .seconds(900 * 3_600), bytes: 30, diskShare: 0.5)
        #expect(deletions(stores, limits, free: 30) == [])
    }

    @Test("what was stored before the age goes, of all stores")
    func age() {
        let limits = RetentionLimits(age: .seconds(72 * 3_600), diskShare: nil)
        #expect(deletions([store(100, 73, 72, 1), store(80)], limits) == ["0.1 age", "1.1 age", "0.2 age"])
    }

    @Test("too many bytes: the oldest of all stores first, and no more than it takes")
    func bytes() {
        let limits = RetentionLimits(age: nil, bytes: 35, diskShare: nil)
        #expect(deletions([store(5, 3, 1), store(4, 2)], limits) == ["0.1 bytes", "1.1 bytes"])
    }

    @Test("what was deleted for its age counts when the size is looked at")
    func ageThenBytes() {
        let limits = RetentionLimits(age: .seconds(3 * 3_600), bytes: 15, diskShare: nil)
        #expect(deletions([store(4, 2, 1)], limits) == ["0.1 age", "0.2 bytes"])
    }

    @Test("the share is of what is taken and what is free; the narrower limit gives the reason")
    func share() {
        let stores = [store(3, 2, 1)]
        let half = RetentionLimits(age: nil, bytes: 25, diskShare: 0.5)
        // Of 30 + 10 bytes, 20 may stay.
        #expect(deletions(stores, half, free: 10) == ["0.1 disk_share"])
        // Of 30 + 30, all.
        #expect(deletions(stores, half, free: 30) == ["0.1 bytes"])
        #expect(deletions(stores, RetentionLimits(age: nil, diskShare: 0.5)) == [])
    }

    @Test("what is in no portion counts, and when all portions are gone there is no more to delete")
    func besides() {
        let limits = RetentionLimits(age: nil, bytes: 5, diskShare: nil)
        #expect(deletions([store(2, 1, besides: 100)], limits) == ["0.1 bytes", "0.2 bytes"])
        #expect(deletions([], limits) == [])
    }

    @Test("a clock that was set back deletes nothing for its age")
    func clockSetBack() {
        let limits = RetentionLimits(age: .seconds(1), diskShare: nil)
        #expect(deletions([store(1)], limits, now: Self.now - 2 * Self.hour) == [])
        #expect(deletions([store(1)], limits, now: 0) == [])
    }
}

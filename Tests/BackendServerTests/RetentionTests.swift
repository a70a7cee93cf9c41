// SPDX-License-Identifier: Apache-2.0

import ChildProcess
import Logging
import NIOHTTP1
import Synchronization
import TelemetryStorage
import Testing

@testable import BackendServer

@Suite("Retention")
struct RetentionTests {
    /// Holds portions, and notes what it is asked.
    private final class Shelf: PortionedStore {
        private let state: Mutex<(portions: [StoredPortion], sealed: [UInt64])>
        private let error: StorageError?
        private let sealError: StorageError?

        init(
            _ storedAt: [UInt64], failing error: StorageError? = nil,
            failingToSeal sealError: StorageError? = nil
        ) {
            self.sealError = sealError
            let portions = storedAt.enumerated().map {
                StoredPortion(number: Int64($0), storedAt: $1, itemCount: 100, bytes: 1_000)
            }
            state = Mutex((portions, []))
            self.error = error
        }

        var numbers: [Int64] { state.withLock { $0.portions.map(\.number) } }
        var sealed: [UInt64] { state.withLock { $0.sealed } }

        func holdings() async throws(StorageError) -> StoreHoldings {
            let portions = state.withLock { $0.portions }
            return StoreHoldings(portions: portions, bytes: portions.count * 1_000)
        }

        func seal(waitingSince time: UInt64) async throws(StorageError) {
            if let sealError { throw sealError }
            state.withLock { $0.sealed.append(time) }
        }

        func delete(_ portions: [Int64]) async throws(StorageError) {
            if let error { throw error }
            state.withLock { $0.portions.removeAll { portions.contains($0.number) } }
        }
    }

    private func keeper(_ limits: RetentionLimits, _ spans: Shelf, _ logs: Shelf) -> RetentionKeeper {
        RetentionKeeper(
            limits, of: [.init(what: .spans, store: spans), .init(what: .logRecords, store: logs)],
            diskFreeBytes: { nil }, now: { 100_000_000_000 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test("what cannot become a block on a full disk does not keep what is too old from being deleted")
    func sealFails() async {
        let full = StorageError.unavailable("the disk is full")
        let spans = Shelf([10_000_000_000, 99_000_000_000], failingToSeal: full)
        let logs = Shelf([20_000_000_000, 98_000_000_000])
        let keeper = keeper(RetentionLimits(age: .seconds(60), bytes: nil, diskShare: nil), spans, logs)
        await keeper.sweep()
        #expect(spans.numbers == [1])
        #expect(logs.numbers == [1])
        #expect(logs.sealed.count == 1)
        #expect(keeper.counts.failures == 1)
    }

    @Test("a sweep seals what waits, deletes what is too much of both stores, and counts it by reason")
    func sweep() async {
        let spans = Shelf([10_000_000_000, 50_000_000_000, 99_000_000_000])
        let logs = Shelf([20_000_000_000, 98_000_000_000])
        let keeper = keeper(RetentionLimits(age: .seconds(80), bytes: 2_000, diskShare: nil), spans, logs)
        await keeper.sweep()
        #expect(spans.sealed == [90_000_000_000])
        #expect(spans.numbers == [2])
        #expect(logs.numbers == [1])
        let counts = keeper.counts
        #expect(counts.items[.init(what: .spans, reason: .age)] == 100)
        #expect(counts.items[.init(what: .spans, reason: .bytes)] == 100)
        #expect(counts.items[.init(what: .logRecords, reason: .bytes)] == 100)
        #expect(counts.deleted(.spans) == 200)
        #expect(counts.failures == 0)
        await keeper.sweep()
        #expect(keeper.counts == counts)
    }

    @Test("a clock that leaps ahead deletes nothing for its age, but what is too much goes on to go")
    func leap() async {
        let spans = Shelf([10_000_000_000, 50_000_000_000, 99_000_000_000])
        let wall = Mutex<UInt64>(100_000_000_000)
        let keeper = RetentionKeeper(
            RetentionLimits(age: .seconds(3_600), bytes: 2_000, diskShare: nil),
            of: [.init(what: .spans, store: spans)], diskFreeBytes: { nil }, now: { wall.withLock { $0 } },
            steady: { .zero }, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        await keeper.sweep()
        #expect(spans.numbers == [1, 2])
        wall.withLock { $0 += 1_000_000_000_000_000_000 }
        await keeper.sweep()
        #expect(spans.numbers == [1, 2])
    }

    @Test("what could not be deleted is counted as a failure, and tried again")
    func failure() async {
        let spans = Shelf([1], failing: .unavailable("disk full"))
        let keeper = keeper(RetentionLimits(age: .seconds(1), diskShare: nil), spans, Shelf([]))
        await keeper.sweep()
        await keeper.sweep()
        #expect(keeper.counts.failures == 2)
        #expect(keeper.counts.deleted(.spans) == 0)
        #expect(spans.numbers == [0])
    }

    @Test("a backend deletes by itself, and says so in /metrics and /api/v1/store")
    func backend() async throws {
        try await withBackend(configure: {
            $0.retention = RetentionLimits(age: .seconds(1), bytes: nil, diskShare: nil)
        }) { backend in
            #expect(try await backend.export(sampleRequest(5)).status == 200)
            _ = try await eventually("the spans are deleted") {
                let body = try await backend.ask(.GET, "/metrics", at: .ui).body
                let metrics = try ParsedMetrics(String(decoding: body, as: UTF8.self))
                return metrics["contrail_retention_deleted_spans_total", ["reason": "age"]] == 5 ? true : nil
            }
            let store = try await backend.ask(.GET, "/api/v1/store", at: .ui)
            #expect(String(decoding: store.body, as: UTF8.self).contains(#""deletedSpanCount":"5""#))
            let services = try await backend.ask(.GET, "/api/v1/services", at: .ui)
            #expect(String(decoding: services.body, as: UTF8.self).contains(#"{"services":[]}"#))
        }
    }
}

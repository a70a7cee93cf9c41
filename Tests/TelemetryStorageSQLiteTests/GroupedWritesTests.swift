// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import TelemetryStorage
import Testing

@testable import TelemetryStorageSQLite

@Suite("Grouped writes")
struct GroupedWritesTests {
    @Test("a lone sender's items are committed at once, each by itself", .timeLimit(.minutes(1)))
    func loneSender() async throws {
        let groups = Groups()
        let writes = groups.writes(companyWait: .seconds(600))
        for item in 0..<50 { try await writes.write(item, byteCount: 100) }
        #expect(groups.all == (0..<50).map { [$0] })
    }

    @Test("small items of many senders share commits of at least half of what is under way")
    func company() async throws {
        let groups = Groups()
        // At the end it waits in vain for those that are done.
        let writes = groups.writes(companyWait: .milliseconds(200))
        let senders = 16
        try await Self.send(writes, senders: senders, each: 20, byteCount: 100)
        let sizes = groups.all.map(\.count)
        #expect(sizes.reduce(0, +) == senders * 20)
        // Senders begin and end one by one; in between there are always sixteen.
        #expect(sizes.count < senders * 20 / 4, "\(sizes)")
    }

    @Test("great items wait for nothing", .timeLimit(.minutes(1)))
    func greatItems() async throws {
        let groups = Groups()
        let writes = groups.writes(companyWait: .seconds(600))
        try await Self.send(writes, senders: 4, each: 5, byteCount: 1 << 20)
        // Of the four senders no other comes.
        try await writes.write(-1, byteCount: 1 << 20)
        #expect(groups.all.joined().count == 21)
    }

    @Test("who waits for senders that have left is committed all the same", .timeLimit(.minutes(1)))
    func companyThatLeft() async throws {
        let groups = Groups()
        let writes = groups.writes(companyWait: .milliseconds(1))
        try await Self.send(writes, senders: 16, each: 3, byteCount: 100)
        try await writes.write(-1, byteCount: 100)
        #expect(groups.all.last == [-1])
    }

    private static func send(
        _ writes: GroupedWrites<Int>, senders: Int, each: Int, byteCount: Int
    ) async throws {
        try await withThrowingTaskGroup { group in
            for sender in 0..<senders {
                group.addTask {
                    for item in 0..<each {
                        try await writes.write(sender * each + item, byteCount: byteCount)
                    }
                }
            }
            try await group.waitForAll()
        }
    }
}

/// What was committed together.
private final class Groups: Sendable {
    private let groups = Mutex<[[Int]]>([])

    var all: [[Int]] { groups.withLock { $0 } }

    func writes(companyWait: DispatchTimeInterval) -> GroupedWrites<Int> {
        GroupedWrites(label: "test", bytesMax: 1 << 30, companyWait: companyWait) { [self] items in
            groups.withLock { $0.append(items) }
        }
    }
}

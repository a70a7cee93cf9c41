// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import ContrailCommand

@Suite("What contrail traces asks")
struct TracesQueryTests {
    private func start(since: String, now: UInt64) throws -> String? {
        let command = try TracesCommand.parse(["--since", since])
        let query = command.query(now: now)
        #expect(!query.contains { $0.0 == "since" }, "each page would count from its own moment")
        return query.first { $0.0 == "start" }?.1
    }

    @Test("--since is counted from one moment for all pages")
    func sinceOnce() throws {
        let now: UInt64 = 1_800_000_000_000_000_000
        #expect(try start(since: "1h", now: now) == "1799996400000000000")
        #expect(try start(since: "0", now: now) == "1800000000000000000")
    }

    @Test("a span of time before all clocks is from the beginning")
    func sinceEver() throws {
        #expect(try start(since: "30000d", now: 1_800_000_000_000_000_000) == "0")
        #expect(try start(since: "20000d", now: 1_800_000_000_000_000_000) == "0")
    }
}

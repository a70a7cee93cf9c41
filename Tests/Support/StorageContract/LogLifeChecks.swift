// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

let logLifeChecks: [LogCheck] = [
    LogCheck("an empty store has no answers, and an empty write changes nothing") { store in
        try await store.write([])
        try await store.write(logBatch([]))
        try requireEqual(try await store.logs(matching: LogQuery()), LogPage(logs: [], next: nil))
        try requireEqual(try await store.logs(ofTrace: traceID(1)), [])
    },

    LogCheck("a record that is sent twice is there twice") { store in
        let batch = logBatch([line("x", trace: 1, span: 2)])
        try await store.write(batch)
        try await store.write(batch)
        try requireEqual(try await store.logs(matching: LogQuery()).logs.count, 2)
    },

    LogCheck("a trace has its records by resource and scope, earliest first") { store in
        try await store.write(
            logBatch([line("c", at: 3, trace: 1), line("other", at: 2, trace: 2)], of: "a"))
        try await store.write(
            logBatch([line("d", at: 4, trace: 1)], of: "b")
                + logBatch([line("a", at: 1, trace: 1), line("none", at: 1)], of: "a"))
        let found = try await store.logs(ofTrace: traceID(1))
        let texts = Dictionary(
            uniqueKeysWithValues: found.map { part in
                (
                    part.resource.serviceName,
                    part.scopeLogs.flatMap { $0.logRecords.map(\.bodyText) }
                )
            })
        try requireEqual(texts, ["a": ["a", "c"], "b": ["d"]])
    },

    LogCheck("a limit above the most gives the most, and one below one gives nothing") { store in
        try await store.write(logBatch((0..<1_200).map { line("\($0)", at: UInt64($0)) }))
        let page = try await store.logs(matching: LogQuery(limit: 5_000))
        try requireEqual(page.logs.count, LogQuery.limitMax)
        try require(page.next != nil, "there is more")
        try requireEqual(try await store.logs(matching: LogQuery(limit: 0)).logs.count, 0)
        try requireEqual(try await store.logs(matching: LogQuery(limit: -1)).logs.count, 0)
    },

    LogCheck("what has been written is found at once, by many readers beside many writers") { store in
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 1...8 as ClosedRange<UInt64> {
                group.addTask {
                    for number in 1...25 as ClosedRange<UInt64> {
                        // Together more than fits a store's memory.
                        let lines = (0..<80).map {
                            line("line \($0)", at: number, trace: writer, span: number)
                        }
                        try await store.write(logBatch(lines))
                        let query = LogQuery(
                            traceID: traceID(writer), spanID: SpanID(value: number), limit: 1_000)
                        try requireEqual(try await store.logs(matching: query).logs.count, 80)
                    }
                }
            }
            try await group.waitForAll()
        }
        let last = try await store.logs(ofTrace: traceID(3))
        try requireEqual(last.reduce(0) { $0 + $1.scopeLogs.reduce(0) { $0 + $1.logRecords.count } }, 2_000)
    },

    LogCheck("of a trace with very many lines the latest come, and that there are more is said") { store in
        try await store.write(logBatch((0..<20_000).map { line("\($0)", at: UInt64($0), trace: 1) }))
        let some = try await store.logs(ofTrace: traceID(1), limit: 300)
        let bodies = some.resourceLogs.flatMap { $0.scopeLogs.flatMap { $0.logRecords.map(\.bodyText) } }
        try requireEqual(bodies, (19_700..<20_000).map { "\($0)" })
        try require(!some.isComplete, "300 lines are all of 20,000")
        let all = try await store.logs(ofTrace: traceID(1), limit: 20_000)
        try require(all.isComplete, "20,000 lines are not all of 20,000")
    },

    LogCheck("a page that is full by its bytes has a cursor to the rest") { store in
        let text = String(repeating: "0123456789abcdef", count: 4 << 16)
        for number in 0..<18 as Range<UInt64> { try await store.write(logBatch([line(text, at: number)])) }
        let first = try await store.logs(matching: LogQuery(limit: 100))
        try requireEqual(first.logs.count, 16)
        var query = LogQuery(limit: 100)
        query.cursor = first.next
        let rest = try await store.logs(matching: query)
        try requireEqual(rest.logs.count, 2)
        try requireEqual(rest.next, nil)
    },

    LogCheck("after close every call says so, and a second close does nothing") { store in
        try await store.write(logBatch([line("x")]))
        await store.close()
        await store.close()
        func requireClosed(_ call: () async throws(StorageError) -> Void) async throws {
            do throws(StorageError) {
                try await call()
            } catch {
                return try requireEqual(error, .closed)
            }
            throw ContractViolation(description: "a closed store answered")
        }
        try await requireClosed { () throws(StorageError) in try await store.write(logBatch([line("y")])) }
        try await requireClosed { () throws(StorageError) in try await store.write([]) }
        try await requireClosed { () throws(StorageError) in
            _ = try await store.logs(matching: LogQuery())
        }
        try await requireClosed { () throws(StorageError) in _ = try await store.logs(ofTrace: traceID(1)) }
    },
]

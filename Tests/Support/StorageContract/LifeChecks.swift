// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

let lifeChecks: [StorageCheck] = [
    StorageCheck("what write has returned for is found by the next question, with many tasks at once") {
        store in
        let writers = 8
        let writesEach = 15
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<UInt64(writers) {
                group.addTask {
                    for number in 0..<UInt64(writesEach) {
                        let id = writer * 1_000 + number + 1
                        let key = "writer \(writer)"
                        try await store.write(
                            batch((1...20).map { span(id, $0, at: id, [key: .int(Int64(number))]) }, of: key))
                        try requireEqual(spanCount(try await store.trace(traceID(id))), 20, "trace \(id)")
                        let page = try await store.traces(
                            matching: TraceQuery(
                                service: key, attributes: [.init(key: key, value: "\(number)")]))
                        try requireEqual(page.traces.map(\.traceID), [traceID(id)])
                        try requireEqual(page.traces.first?.spanCount, 20)
                        let newest = try await store.traces(matching: TraceQuery(service: key, limit: 1))
                        try requireEqual(newest.traces.map(\.traceID), [traceID(id)])
                    }
                }
            }
            try await group.waitForAll()
        }
        let all = try await store.traces(matching: TraceQuery(limit: TraceQuery.limitMax))
        try requireEqual(all.traces.count, writers * writesEach)
        try requireEqual(try await store.services().count, writers)
    },

    StorageCheck("a question sees all of a write or nothing of it") { store in
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 1...25 as ClosedRange<UInt64> {
                    try await store.write(
                        batch((1...600).map { span(round, $0, at: round) }, of: "writer"))
                }
            }
            for _ in 0..<3 {
                group.addTask {
                    var count = 0
                    while count < 25 {
                        let page = try await store.traces(matching: TraceQuery(limit: 100))
                        try require(page.traces.count >= count, "a trace has gone")
                        count = page.traces.count
                        try require(page.traces.allSatisfy { $0.spanCount == 600 }, "a part of a write")
                    }
                }
            }
            try await group.waitForAll()
        }
    },

    StorageCheck("after close every call says closed, and closing again does nothing") { store in
        try await store.write(batch([span(1, 1)]))
        await store.close()
        await store.close()
        try await requireClosed { () throws(StorageError) in try await store.write(batch([span(2, 2)])) }
        try await requireClosed { () throws(StorageError) in try await store.write([]) }
        try await requireClosed { () throws(StorageError) in _ = try await store.services() }
        try await requireClosed { () throws(StorageError) in _ = try await store.operations(ofService: "shop")
        }
        try await requireClosed { () throws(StorageError) in
            _ = try await store.traces(matching: TraceQuery())
        }
        try await requireClosed { () throws(StorageError) in _ = try await store.trace(traceID(1)) }
    },

    StorageCheck("closing in the midst of writes and questions ends them all, done or closed") { store in
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<12 as Range<UInt64> {
                group.addTask {
                    for round in 0..<1_000 as Range<UInt64> {
                        do throws(StorageError) {
                            if task % 2 == 0 {
                                try await store.write(batch([span(task * 1_000 + round + 1, 1)]))
                            } else {
                                _ = try await store.traces(matching: TraceQuery())
                            }
                        } catch {
                            return
                        }
                    }
                }
            }
            group.addTask {
                // Not before something is under way.
                while ((try? await store.services().isEmpty) ?? false) { await Task.yield() }
                await store.close()
            }
        }
        try await requireClosed { () throws(StorageError) in _ = try await store.services() }
    },
]

private func requireClosed(
    _ call: () async throws(StorageError) -> Void, line: UInt = #line
) async throws {
    do throws(StorageError) {
        try await call()
    } catch {
        return try requireEqual(error, .closed, line: line)
    }
    throw ContractViolation(description: "line \(line): a closed store answered")
}

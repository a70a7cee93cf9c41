// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

let pagingChecks: [StorageCheck] = [
    StorageCheck("pages of any size give everything once and in order") { store in
        var random = RandomTraces(seed: 21)
        var reference = ReferenceStore()
        for batch in random.batches(traces: 1_600, spansPerBatch: 1_100) {
            try await store.write(batch)
            reference.write(batch)
        }
        for (limit, query) in [
            (7, TraceQuery(status: .error)), (100, TraceQuery()), (999, TraceQuery(service: "items")),
        ] {
            let expected = reference.traces(matching: query)
            let pages = try await allPages(store, query, limit: limit)
            try requireEqual(pages.flatMap(\.traces), expected, "limit \(limit)")
            try require(
                pages.dropLast().allSatisfy { $0.traces.count == limit }, "a short page before the last")
        }
    },

    StorageCheck("traces that start together are paged without gap or repeat") { store in
        try await store.write(batch((1...10).map { span($0, $0, at: 5) }))
        let pages = try await allPages(store, TraceQuery(), limit: 3)
        try requireEqual(pages.flatMap(\.traces).map(\.traceID.low), Array((1...10).reversed()))
        try requireEqual(pages.map(\.traces.count), [3, 3, 3, 1])
    },

    StorageCheck("pages go on where they were while newer traces arrive") { store in
        try await store.write(batch((1...9).map { span($0, $0, at: $0) }))
        var query = TraceQuery(limit: 4)
        var found: [UInt64] = []
        var newer: UInt64 = 100
        repeat {
            let page = try await store.traces(matching: query)
            found += page.traces.map(\.traceID.low)
            query.cursor = page.next
            newer += 1
            try await store.write(batch([span(newer, 1, at: newer)]))
        } while query.cursor != nil
        try requireEqual(found, Array((1...9).reversed()))
    },

    StorageCheck("the last page has no cursor, and a page beyond the end is empty") { store in
        try await store.write(batch((1...4).map { span($0, $0, at: $0) }))
        let all = try await store.traces(matching: TraceQuery(limit: 4))
        try requireEqual(all.next, nil)
        let half = try await store.traces(matching: TraceQuery(limit: 2))
        let rest = try await store.traces(
            matching: TraceQuery(startTimeMin: fixtureEpoch + 3_000, cursor: half.next))
        try requireEqual(rest, TracePage(traces: [], next: nil))
    },

    StorageCheck("a cursor is safe in a URL") { store in
        try await store.write(batch((1...40).map { span($0 &* 0x9e37_79b9_7f4a_7c15, $0, at: $0) }))
        for page in try await allPages(store, TraceQuery(), limit: 1) {
            let safe = (page.next ?? "").utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
            try require(safe, "\(page.next ?? "")")
        }
    },

    StorageCheck("a cursor that the store did not make is refused") { store in
        try await store.write(batch((1...4).map { span($0, $0, at: $0) }))
        let real = try await store.traces(matching: TraceQuery(limit: 2)).next ?? ""
        for cursor in ["", "x", "====", "💥", real + "A", String(real.dropLast()), "Zm9v", real + real] {
            do throws(StorageError) {
                _ = try await store.traces(matching: TraceQuery(cursor: cursor))
            } catch {
                try requireEqual(error, .badCursor, cursor)
                continue
            }
            throw ContractViolation(description: "the cursor \(cursor) is accepted")
        }
    },

    StorageCheck("a limit is kept, zero gives nothing, one beyond the most is cut") { store in
        try await store.write(batch((1...30).map { span($0, $0, at: $0) }))
        try requireEqual(try await store.traces(matching: TraceQuery()).traces.count, TraceQuery.limitDefault)
        for (limit, count) in [(1, 1), (29, 29), (0, 0), (-1, 0), (Int.min, 0), (.max, 30)] {
            let page = try await store.traces(matching: TraceQuery(limit: limit))
            try requireEqual(page.traces.count, count, "limit \(limit)")
        }
    },
]

private func allPages(
    _ store: any TelemetryStore, _ query: TraceQuery, limit: Int
) async throws -> [TracePage] {
    var query = query
    query.limit = limit
    var pages: [TracePage] = []
    repeat {
        let page = try await store.traces(matching: query)
        pages.append(page)
        query.cursor = page.next
        try require(pages.count < 10_000, "paging does not end")
    } while query.cursor != nil
    return pages
}

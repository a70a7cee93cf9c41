// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

let identityChecks: [StorageCheck] = [
    StorageCheck("a span counts once, within one write and across writes") { store in
        let spans = [span(1, 1, status: .error), span(1, 2, parent: 1, at: 3), span(1, 1, status: .error)]
        for _ in 0..<3 { try await store.write(batch(spans)) }
        let summary = try await store.traces(matching: TraceQuery()).traces.first
        try requireEqual(summary?.spanCount, 2)
        try requireEqual(summary?.errorCount, 1)
        try requireEqual(summary?.services, [.init(name: "shop", spanCount: 2, errorCount: 1)])
        try requireEqual(spanCount(try await store.trace(traceID(1))), 2)
    },

    StorageCheck("the same span id with another start or in another trace is another span") { store in
        try await store.write(batch([span(1, 1, at: 1), span(1, 1, at: 2), span(2, 1, at: 1)]))
        try requireEqual(spanCount(try await store.trace(traceID(1))), 2)
        try requireEqual(spanCount(try await store.trace(traceID(2))), 1)
    },

    StorageCheck("of two spans with one identity the first counts, for searches as for the whole trace") {
        store in
        func first(_ id: UInt64) -> SpanData { span(1, id, name: "a", lasting: 5, ["k": "first"]) }
        func later(_ id: UInt64) -> SpanData {
            span(1, id, name: "a", lasting: 500_000, status: .error, ["k": "later"])
        }
        func check(_ claim: String) async throws {
            for query in [
                TraceQuery(status: .error), TraceQuery(durationMin: 1_000_000),
                TraceQuery(attributes: [.init(key: "k", value: "later")]),
            ] {
                let page = try await store.traces(matching: query)
                try requireEqual(page.traces.count, 0, "\(claim): \(query)")
            }
            let page = try await store.traces(
                matching: TraceQuery(attributes: [.init(key: "k", value: "first")]))
            try requireEqual(page.traces.map(\.errorCount), [0], claim)
            let spans = try await store.trace(traceID(1)) ?? []
            try require(
                spansByID(spans).values.allSatisfy { $0.span.attributes["k"] == "first" }, claim)
        }
        try await store.write(batch([first(1), later(1)]))
        try await check("within one write")
        try await store.write(batch([later(1)]))
        try await check("in a later write")
        for round in 1...2 as ClosedRange<UInt64> {
            let filler = (0..<9_000 as Range<UInt64>).map { span(1_000 * round + $0 / 10, 100 + $0) }
            try await store.write(batch(filler, of: "filler", ["round": .int(Int64(round))]))
            try await store.write(batch([later(1), first(round + 1)]))
            try await check("behind \(round * 9_000) others")
        }
    },

    StorageCheck("resources and scopes are told apart by bytes, not by Unicode or IEEE equality") { store in
        let values: [(AttributeValue, String)] = [
            ("\u{e9}", "\u{e9}"), ("e\u{301}", "e\u{301}"), (0.0, "plus"), (-0.0, "minus"),
        ]
        func bytes(_ value: AttributeValue?) -> [UInt8] {
            switch value {
            case .string(let text): Array(text.utf8)
            case .double(let number): [number.sign == .minus ? 1 : 0]
            default: []
            }
        }
        for (round, fill) in [0, 9_000].enumerated() as EnumeratedSequence<[UInt64]> {
            if fill > 0 { try await store.write(batch((0..<fill).map { span(9, 1_000 + $0) }, of: "filler")) }
            for (index, (value, version)) in values.enumerated() {
                var part = batch([span(1, UInt64(round * 10 + index + 1))], of: "shop", ["who": value])
                part[0].scopeSpans[0].scope.version = version
                try await store.write(part)
            }
        }
        let parts = try await store.trace(traceID(1)) ?? []
        for (index, (value, version)) in values.enumerated() {
            for round in 0...1 {
                let found = spansByID(parts)[SpanID(value: UInt64(round * 10 + index + 1))]
                try requireEqual(bytes(found?.resource.attributes["who"]), bytes(value), "resource \(index)")
                try requireEqual(
                    Array((found?.scope.version ?? "").utf8), Array(version.utf8), "scope \(index)")
            }
        }
        try requireEqual(parts.count, values.count, "each resource once")
    },

    StorageCheck("parts of a trace join however late they come, and the summary follows") { store in
        try await store.write(batch([span(1, 3, parent: 2, name: "leaf", at: 30, lasting: 5)], of: "c"))
        var summary = try await store.traces(matching: TraceQuery()).traces.first
        try requireEqual(summary?.rootOperation, "leaf")
        try await store.write(batch([span(1, 2, parent: 1, name: "middle", at: 20, lasting: 30)], of: "b"))
        summary = try await store.traces(matching: TraceQuery()).traces.first
        try requireEqual(summary?.rootOperation, "middle")
        try await store.write(batch([span(1, 1, name: "root", at: 10, lasting: 10, status: .error)], of: "a"))
        summary = try await store.traces(matching: TraceQuery(service: "c")).traces.first
        try requireEqual(
            summary,
            TraceSummary(
                traceID: traceID(1), rootService: "a", rootOperation: "root",
                startTimeUnixNano: fixtureEpoch + 10_000, durationNano: 40_000, spanCount: 3, errorCount: 1,
                services: ["a", "b", "c"].map { .init(name: $0, spanCount: 1, errorCount: $0 == "a" ? 1 : 0) }
            ))
    },

    StorageCheck("a trace whose first span comes last moves to its place") { store in
        try await store.write(batch([span(1, 2, parent: 1, at: 100), span(2, 1, at: 50)]))
        try await store.write(batch([span(1, 1, at: 10)]))
        let page = try await store.traces(matching: TraceQuery())
        try requireEqual(page.traces.map(\.traceID), [traceID(2), traceID(1)])
        let rest = try await store.traces(
            matching: TraceQuery(cursor: try await store.traces(matching: TraceQuery(limit: 1)).next))
        try requireEqual(rest.traces.map(\.traceID), [traceID(1)])
    },

    StorageCheck("the root is the earliest without parent, else with a lost parent, else the earliest") {
        store in
        try await store.write(
            batch([
                // Two without parent, an earlier one with a lost parent.
                span(1, 1, parent: 99, name: "lost", at: 1), span(1, 2, name: "late root", at: 5),
                span(1, 3, name: "root", at: 3),
                // Lost parents only; the child of a stored span is earlier.
                span(2, 2, parent: 1, name: "child", at: 1), span(2, 1, parent: 99, name: "lost", at: 4),
                span(2, 3, parent: 98, name: "later lost", at: 5),
                // A circle.
                span(3, 1, parent: 2, name: "first", at: 1), span(3, 2, parent: 1, name: "second", at: 2),
            ]))
        let traces = try await store.traces(matching: TraceQuery()).traces
        let roots = Dictionary(uniqueKeysWithValues: traces.map { ($0.traceID.low, $0.rootOperation) })
        try requireEqual(roots, [1: "root", 2: "lost", 3: "first"])
    },

    StorageCheck("spans that come after thousands of others still join, count once and are found") { store in
        try await store.write(batch([span(1, 2, parent: 1, name: "child", at: 1_000)], of: "a"))
        func fill(_ round: UInt64) async throws {
            for part in 0..<9 as Range<UInt64> {
                let spans = (0..<1_000 as Range<UInt64>).map { index in
                    let id = 1_000_000 * (round + 1) + part * 1_000 + index
                    return span(id / 10, id, at: 2_000 + id, lasting: 1)
                }
                try await store.write(batch(spans, of: "filler"))
            }
        }
        try await fill(1)
        try await store.write(
            batch(
                [span(1, 2, parent: 1, name: "child", at: 1_000), span(1, 1, name: "root", at: 500)], of: "a")
        )
        // The first part is the match, the start comes from the last.
        for _ in 0..<2 {
            let page = try await store.traces(matching: TraceQuery(operation: "child"))
            try requireEqual(page.traces.map(\.spanCount), [2])
            try requireEqual(page.traces.first?.rootOperation, "root")
            try requireEqual(page.traces.first?.startTimeUnixNano, fixtureEpoch + 500_000)
            try requireEqual(spanCount(try await store.trace(traceID(1))), 2)
            try await store.write(batch([span(3, 1, at: 700)], of: "a"))
            let first = try await store.traces(matching: TraceQuery(service: "a", limit: 1))
            try requireEqual(first.traces.map(\.traceID.low), [3])
            let second = try await store.traces(
                matching: TraceQuery(service: "a", limit: 1, cursor: first.next))
            try requireEqual(second.traces.map(\.traceID.low), [1])
            try requireEqual(second.next, nil)
            try await fill(2)
        }
    },

    StorageCheck("a trace of 30,000 spans in three writes is one trace") { store in
        for part in 0..<3 as Range<UInt64> {
            let spans = (0..<10_000 as Range<UInt64>).map { index in
                let id = part * 10_000 + index + 1
                return span(1, id, parent: id == 1 ? nil : id / 2, name: id == 1 ? "root" : "work", at: id)
            }
            try await store.write(batch(spans))
        }
        let page = try await store.traces(matching: TraceQuery())
        try requireEqual(page.traces.map(\.spanCount), [30_000])
        try requireEqual(page.traces.first?.rootOperation, "root")
        let spans = spansByID(try await store.trace(traceID(1)) ?? [])
        try requireEqual(spans.count, 30_000)
        try require(
            spans.allSatisfy { id, found in
                found.span.parentSpanID?.value == (id.value == 1 ? nil : id.value / 2)
            }, "a parent was changed")
    },
]

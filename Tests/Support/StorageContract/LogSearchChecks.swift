// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage
import WireFixtures

/// The bodies that a store finds, latest first.
private func bodies(_ store: any LogStore, _ query: LogQuery) async throws -> [String] {
    try await store.logs(matching: query).logs.map(\.record.bodyText)
}

let logSearchChecks: [LogCheck] = [
    LogCheck("records come latest first, and those of one time last written first") { store in
        try await store.write(logBatch([line("b", at: 5), line("a", at: 1), line("c", at: 5)]))
        try await store.write(logBatch([line("d", at: 5), line("e", at: 9)]))
        try requireEqual(try await bodies(store, LogQuery()), ["e", "d", "c", "b", "a"])
    },

    LogCheck("every field comes back as it was sent, with its resource and scope") { store in
        var random = RandomTelemetry(seed: 3)
        let sent = (0..<40).map { _ in random.resourceLogs() }
        try await store.write(sent)
        let expected = sent.flatMap { part in
            part.scopeLogs.flatMap { scopeLogs in
                scopeLogs.logRecords.map {
                    StoredLog(resource: part.resource, scope: scopeLogs.scope, record: $0)
                }
            }
        }
        let page = try await store.logs(matching: LogQuery(limit: 1_000))
        try requireEqual(page.logs.count, expected.count)
        try requireEqual(Set(page.logs), Set(expected))
        for log in expected.prefix(40) {
            guard let trace = log.record.traceID else { continue }
            let found = try await store.logs(ofTrace: trace)
            try requireEqual(
                found,
                [
                    ResourceLogs(
                        resource: log.resource,
                        scopeLogs: [ScopeLogs(scope: log.scope, logRecords: [log.record])])
                ])
        }
    },

    LogCheck("a record without a time of its own stands at the time it was observed") { store in
        var record = line("late", at: 0)
        record.timeUnixNano = 0
        record.observedTimeUnixNano = fixtureEpoch + 7_000
        try await store.write(logBatch([line("before", at: 6), record, line("behind", at: 8)]))
        try requireEqual(try await bodies(store, LogQuery()), ["behind", "late", "before"])
        let query = LogQuery(timeMin: fixtureEpoch + 7_000, timeMax: fixtureEpoch + 7_000)
        try requireEqual(try await bodies(store, query), ["late"])
    },

    LogCheck("bounds of time are inclusive, and so is the least severity") { store in
        try await store.write(logBatch([line("x", at: 10, .warn)]))
        let time = fixtureEpoch + 10_000
        try requireEqual(try await bodies(store, LogQuery(timeMin: time, timeMax: time)), ["x"])
        try requireEqual(try await bodies(store, LogQuery(timeMin: time + 1)), [])
        try requireEqual(try await bodies(store, LogQuery(timeMax: time - 1)), [])
        try requireEqual(try await bodies(store, LogQuery(severityMin: .warn)), ["x"])
        try requireEqual(
            try await bodies(store, LogQuery(severityMin: LogSeverity(rawValue: 14))), [])
    },

    LogCheck("a text is found anywhere in the body, in either case, also within arrays and maps") { store in
        var structured = line(at: 1)
        structured.body = ["message": "Disk FULL", "free": 0, "list": ["a\"b"]]
        try await store.write(logBatch([line("Connection timeout after 5 s", at: 2), structured]))
        for text in ["connection", "TIMEOUT", "ion tim", "5", "5 s", ""] {
            try require(
                try await bodies(store, LogQuery(text: text)).contains("Connection timeout after 5 s"), text)
        }
        for text in ["full", "\"free\":0", "message", "a\\\"b"] {
            try requireEqual(try await bodies(store, LogQuery(text: text)).count, 1, text)
        }
        for text in ["timeouts", "after5", "nothing"] {
            try requireEqual(try await bodies(store, LogQuery(text: text)), [], text)
        }
    },

    LogCheck("an attribute condition is met by the record or its resource") { store in
        try await store.write(
            logBatch(
                [line("x", .info, ["code": 200, "ok": true]), line("y", .info, ["code": "201"])],
                ["region": "eu"]))
        func found(_ conditions: (String, String)...) async throws -> [String] {
            try await bodies(
                store, LogQuery(attributes: conditions.map { .init(key: $0.0, value: $0.1) })
            ).sorted()
        }
        try requireEqual(try await found(("code", "200")), ["x"])
        try requireEqual(try await found(("code", "201"), ("region", "eu")), ["y"])
        try requireEqual(try await found(("region", "eu")), ["x", "y"])
        try requireEqual(try await found(("region", "us")), [])
        try requireEqual(try await found(("code", "200"), ("ok", "false")), [])
    },

    LogCheck("an attribute of record, resource or scope is found there alone") { store in
        let scope = InstrumentationScope(name: "library", attributes: ["where": "scope"])
        let resource = Resource(attributes: ["where": "resource", "n": 2])
        let records = ScopeLogs(scope: scope, logRecords: [line("x", .info, ["where": "log", "n": 1])])
        try await store.write([ResourceLogs(resource: resource, scopeLogs: [records])])
        // Once beside and once within what is packed.
        for _ in 0..<2 {
            for (text, isThere) in [
                ("where=log", true), ("where=resource", true), ("where=scope", false),
                ("log:where=log", true),
                ("log:where=resource", false), ("resource:where=resource", true),
                ("resource:where=log", false),
                ("scope:where=scope", true), ("scope:name=library", true), ("scope:where=log", false),
                ("log:n<2", true), ("resource:n<2", false), ("event:where=log", false),
            ] {
                let condition = TraceQuery.AttributeCondition(parsing: text).map { [$0] } ?? []
                try requireEqual(
                    try await bodies(store, LogQuery(attributes: condition)), isThere ? ["x"] : [], text)
            }
            try await store.write(logBatch((0..<20_000).map { line("filler", at: UInt64($0)) }, of: nil))
        }
    },

    LogCheck("all pages together are the whole answer, also while more is written") { store in
        try await store.write(logBatch((0..<50).map { line("\($0)", at: UInt64($0 / 5)) }))
        var found: [String] = []
        var query = LogQuery(limit: 7)
        repeat {
            let page = try await store.logs(matching: query)
            try require(page.logs.count <= 7, "\(page.logs.count) in a page of 7")
            found += page.logs.map(\.record.bodyText)
            query.cursor = page.next
            // Later than everything: belongs before the first page.
            try await store.write(logBatch([line("new", at: 1_000)]))
        } while query.cursor != nil && found.count < 100
        try requireEqual(found, (0..<50).reversed().map { "\($0)" })
    },

    LogCheck("a page that holds exactly the rest has no next") { store in
        try await store.write(logBatch((0..<6).map { line("\($0)", at: UInt64($0)) }))
        let first = try await store.logs(matching: LogQuery(limit: 3))
        let second = try await store.logs(matching: LogQuery(limit: 3, cursor: first.next))
        try require(first.next != nil && second.next == nil, "\(first.next as Any) \(second.next as Any)")
        try requireEqual(second.logs.map(\.record.bodyText), ["2", "1", "0"])
    },

    LogCheck("a cursor of another kind is refused") { store in
        for cursor in ["", "x", "1", "1-2-3", "-", "1-", "99999999999999999999-1"] {
            do throws(StorageError) {
                _ = try await store.logs(matching: LogQuery(cursor: cursor))
                throw StorageError.failed("cursor \(cursor) was taken")
            } catch {
                try requireEqual(error, .badCursor, cursor)
            }
        }
    },

    LogCheck("random questions between the writes, page by page, are answered as by a list") { store in
        var random = RandomLogs(seed: 11)
        var reference = ReferenceLogs()
        // Above what fits a store's memory, several times.
        for round in 0..<24 {
            let batch = random.batch(round.isMultiple(of: 3) ? 5 : 1_500)
            try await store.write(batch)
            reference.write(batch)
            for _ in 0..<5 {
                var query = random.query()
                let expected = reference.logs(matching: query)
                let wanted = min(expected.count, 3 * query.limit)
                var found: [StoredLog] = []
                repeat {
                    let page = try await store.logs(matching: query)
                    found += page.logs
                    query.cursor = page.next
                } while query.cursor != nil && found.count < wanted
                try requireEqual(found, Array(expected.prefix(found.count)), "\(query) after \(round)")
                try require(found.count >= wanted, "\(query) after \(round): only \(found.count)")
            }
            let trace = traceID(UInt64(round * 7 + 1))
            let ofTrace = try await store.logs(ofTrace: trace).flatMap { $0.scopeLogs.flatMap(\.logRecords) }
            let expected = reference.logs(matching: LogQuery(traceID: trace)).map(\.record)
            try requireEqual(ofTrace.count, expected.count)
            try requireEqual(Set(ofTrace), Set(expected))
        }
    },
]

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

let searchChecks: [StorageCheck] = [
    StorageCheck("traces come latest start first, greater id first when they start together") { store in
        try await store.write(batch([span(2, 1, at: 5), span(1, 2, at: 9), span(3, 3, at: 5)]))
        let page = try await store.traces(matching: TraceQuery())
        try requireEqual(page.traces.map(\.traceID), [traceID(1), traceID(3), traceID(2)])
    },

    StorageCheck("all conditions must be met by one single span") { store in
        // Each condition is met by one of the two spans, never both by the same.
        try await store.write(
            batch([
                span(1, 1, name: "a", lasting: 1, ["k": "x"]),
                span(1, 2, name: "b", lasting: 1_000, status: .error, ["l": 1]),
            ]))
        func found(_ query: TraceQuery) async throws -> Int {
            let page = try await store.traces(matching: query)
            return page.traces.count
        }
        try requireEqual(try await found(TraceQuery(operation: "a", durationMax: 1_000)), 1)
        try requireEqual(try await found(TraceQuery(operation: "a", durationMin: 1_001)), 0)
        try requireEqual(try await found(TraceQuery(operation: "a", status: .error)), 0)
        try requireEqual(try await found(TraceQuery(operation: "b", status: .error)), 1)
        let x = TraceQuery.AttributeCondition(key: "k", value: "x")
        let one = TraceQuery.AttributeCondition(key: "l", value: "1")
        try requireEqual(try await found(TraceQuery(operation: "a", attributes: [x])), 1)
        try requireEqual(try await found(TraceQuery(operation: "b", attributes: [x])), 0)
        try requireEqual(try await found(TraceQuery(attributes: [x, one])), 0)
    },

    StorageCheck("an attribute condition compares text forms, on the span or its resource") { store in
        let values: Attributes = [
            "string": "200", "int": 200, "double": 0.5, "yes": true, "no": false, "bytes": .bytes([50]),
            "array": ["200"], "map": ["a": "200"], "nothing": .empty, "whole": 3.0,
        ]
        var twice = values
        twice.append(Attribute(key: "int", value: 201))
        try await store.write(batch([span(1, 1, twice)], ["region": "eu", "cores": 4]))
        func isFound(_ key: String, _ value: String) async throws -> Bool {
            let query = TraceQuery(attributes: [.init(key: key, value: value)])
            return try await store.traces(matching: query).traces.count == 1
        }
        for (key, value) in [
            ("string", "200"), ("int", "200"), ("int", "201"), ("double", "0.5"), ("yes", "true"),
            ("no", "false"), ("region", "eu"), ("cores", "4"), ("service.name", "shop"), ("whole", "3.0"),
            ("whole", "3"),
        ] {
            try require(try await isFound(key, value), "\(key)=\(value) is not found")
        }
        for (key, value) in [
            ("string", "20"), ("string", "2000"), ("int", "0200"), ("int", "200.0"), ("yes", "1"),
            ("yes", "false"), ("bytes", "2"), ("array", "200"), ("map", "200"), ("nothing", ""),
            ("absent", "x"), ("Region", "eu"), ("region", "EU"), ("double", "0.51"), ("double", ""),
        ] {
            try require(try await !isFound(key, value), "\(key)=\(value) is found")
        }
    },

    StorageCheck("a comparison holds for numbers alone, and for whole ones exactly") { store in
        let big = Int64(1) << 53 + 1
        try await store.write(
            batch(
                [span(1, 1, ["int": 200, "double": 0.5, "big": .int(big), "text": "200", "yes": true])],
                ["cores": 4]))
        func isFound(_ text: String) async throws -> Bool {
            guard let condition = TraceQuery.AttributeCondition(parsing: text) else { return false }
            let page = try await store.traces(matching: TraceQuery(attributes: [condition]))
            return page.traces.count == 1
        }
        for text in [
            "int>199", "int>=200", "int<201", "int<=200", "int>199.5", "int<=200.0", "int>-1e30", "int<1e30",
            "double>0", "double>=0.5", "double<1", "double<=0.5", "big>\(big - 1)", "big<\(big + 1)",
            "cores>=4", "cores<5", "int=200",
        ] { try require(try await isFound(text), "\(text) is not found") }
        for text in [
            "int>200", "int>=201", "int<200", "int<=199", "int>200.5", "int<1e-300", "int>1e30", "int<-1e30",
            "double>0.5", "double<0.5", "big>\(big)", "big<\(big)", "cores>4", "text>1", "text<300", "yes>0",
            "yes<2", "absent>0",
        ] { try require(try await !isFound(text), "\(text) is found") }
        for text in ["int", ">5", "int>", "int>x", "int<nan", "=5", ""] {
            try require(TraceQuery.AttributeCondition(parsing: text) == nil, "\(text) is a condition")
        }
    },

    StorageCheck("an attribute of resource, scope, span, event or link is found there alone") { store in
        var one = span(1, 1, ["where": "span", "n": 1])
        one.events = [
            SpanEvent(timeUnixNano: 1, name: "first", attributes: ["where": "event", "n": 4]),
            SpanEvent(timeUnixNano: 2, name: "second", attributes: ["where": "late", "name": "own"]),
        ]
        one.links = [
            SpanLink(traceID: traceID(7), spanID: SpanID(value: 70), attributes: ["where": "link"]),
            SpanLink(traceID: traceID(8), spanID: SpanID(value: 80), attributes: ["n": 5]),
        ]
        let scope = InstrumentationScope(
            name: "library", version: "1.2", attributes: ["where": "scope", "n": 3])
        let resource = Resource(attributes: ["service.name": "shop", "where": "resource", "n": 2])
        try await store.write([
            ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(scope: scope, spans: [one])])
        ])
        func isFound(_ text: String) async throws -> Bool {
            guard let condition = TraceQuery.AttributeCondition(parsing: text) else { return false }
            let page = try await store.traces(matching: TraceQuery(attributes: [condition]))
            return page.traces.count == 1
        }
        // Once in what was just written, once in what is packed.
        for _ in 0..<2 {
            for text in [
                "where=span", "where=resource", "span:where=span", "resource:where=resource",
                "scope:where=scope",
                "event:where=event", "event:where=late", "link:where=link", "span:n<2", "resource:n=2",
                "scope:n>=3",
                "event:n>3", "link:n>4", "event:name=first", "event:name=second", "event:name=own",
                "scope:name=library", "scope:version=1.2", "link:traceId=\(traceID(8))",
                "link:traceId=\(traceID(7))", "link:spanId=\(SpanID(value: 70))",
                "resource:service.name=shop",
            ] { try require(try await isFound(text), "\(text) is not found") }
            for text in [
                "where=event", "where=link", "where=scope", "span:where=resource", "resource:where=span",
                "scope:where=resource", "event:where=span", "link:where=event", "span:n>1", "resource:n>2",
                "scope:n>3", "event:n>4", "link:n<5", "event:name=third", "name=first", "span:name=work",
                "scope:version=1", "link:traceId=\(traceID(1))", "link:spanId=\(SpanID(value: 1))",
                "link:traceId=7", "link:traceId>1", "log:where=span",
            ] { try require(try await !isFound(text), "\(text) is found") }
            try await store.write(batch((1...1_500).map { span(2, $0) }, of: nil))
        }
        try requireEqual(
            TraceQuery.AttributeCondition(parsing: "span:a:b=c"), .init(key: "a:b", value: "c", in: .span))
        try requireEqual(
            TraceQuery.AttributeCondition(parsing: "other:a=c"), .init(key: "other:a", value: "c"))
        try require(TraceQuery.AttributeCondition(parsing: "event:=c") == nil, "no key is a condition")
    },

    StorageCheck("bounds of time and duration are inclusive") { store in
        try await store.write(batch([span(1, 1, at: 10, lasting: 20)]))
        func isFound(_ query: TraceQuery) async throws -> Bool {
            try await store.traces(matching: query).traces.count == 1
        }
        let start = fixtureEpoch + 10_000
        try require(try await isFound(TraceQuery(startTimeMin: start, startTimeMax: start)), "equal start")
        try require(try await !isFound(TraceQuery(startTimeMin: start + 1)), "one too late")
        try require(try await !isFound(TraceQuery(startTimeMax: start - 1)), "one too early")
        try require(try await isFound(TraceQuery(durationMin: 20_000, durationMax: 20_000)), "equal duration")
        try require(try await !isFound(TraceQuery(durationMin: 20_001)), "one too short")
        try require(try await !isFound(TraceQuery(durationMax: 19_999)), "one too long")
    },

    StorageCheck("random questions, each condition alone and in combination, are answered as by a list") {
        store in
        var random = RandomTraces(seed: 7)
        var reference = ReferenceStore()
        for batch in random.batches(traces: 300, spansPerBatch: 60) {
            try await store.write(batch)
            reference.write(batch)
        }
        try await compare(store, &reference, questions: 100, random: &random)
    },

    StorageCheck("the same holds when there is far more than fits a store's memory table") { store in
        var random = RandomTraces(seed: 8)
        var reference = ReferenceStore()
        for batch in random.batches(traces: 3_000, spansPerBatch: 900) {
            try await store.write(batch)
            reference.write(batch)
        }
        try await compare(store, &reference, questions: 25, random: &random)
    },

    StorageCheck("random questions between the writes, page by page, are answered as by a list") { store in
        var random = RandomTraces(seed: 9)
        var reference = ReferenceStore()
        let batches = random.batches(traces: 4_500, spansPerBatch: 1_300)
        for (number, batch) in batches.enumerated() {
            try await store.write(batch)
            reference.write(batch)
            guard number % 2 == 1 else { continue }
            for _ in 0..<4 {
                var query = random.query()
                let expected = reference.traces(matching: query)
                query.limit = max(1, expected.count / 4)
                var found: [TraceSummary] = []
                repeat {
                    let page = try await store.traces(matching: query)
                    found += page.traces
                    query.cursor = page.next
                } while query.cursor != nil && found.count <= expected.count
                try requireEqual(found.map(\.traceID), expected.map(\.traceID), "\(query) after \(number)")
                try requireEqual(found, expected, "\(query) after \(number)")
            }
        }
    },
]

private func compare(
    _ store: any TelemetryStore, _ reference: inout ReferenceStore, questions: Int, random: inout RandomTraces
) async throws {
    try requireEqual(try await store.services(), reference.services)
    for service in reference.services {
        try requireEqual(
            Set(try await store.operations(ofService: service)), reference.operations(ofService: service))
    }
    var queries = (0..<questions).map { _ in random.query() }
    let middle = fixtureEpoch + 300_000_000_000
    queries += [
        TraceQuery(), TraceQuery(service: "items"), TraceQuery(service: "nobody"),
        TraceQuery(operation: "quote"), TraceQuery(operation: "nothing"), TraceQuery(startTimeMin: middle),
        TraceQuery(startTimeMax: middle), TraceQuery(durationMin: 3_000_000_000),
        TraceQuery(durationMax: 1_000), TraceQuery(status: .error), TraceQuery(status: .ok),
        TraceQuery(attributes: [random.attribute()]),
    ]
    for query in queries {
        let expected = reference.traces(matching: query)
        let page = try await store.traces(matching: query)
        try requireEqual(page.traces, Array(expected.prefix(query.limit)), "\(query)")
        try requireEqual(page.next != nil, expected.count > query.limit, "\(query) has a next page")
    }
    for id in reference.traceIDs.sorted().prefix(60) {
        let found = try await store.trace(id) ?? []
        try requireEqual(spansByID(found), reference.spans(of: id), "trace \(id)")
        try requireEqual(spanCount(found), reference.spans(of: id).count, "spans of \(id)")
    }
}

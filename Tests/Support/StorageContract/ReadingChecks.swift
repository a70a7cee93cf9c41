// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

let readingChecks: [StorageCheck] = [
    StorageCheck("a large trace comes piece by piece, each span once, with the number of all") { store in
        // Over several blocks, with others between them, and every tenth span twice.
        for round in 0..<5 as Range<UInt64> {
            try await store.write(batch((0..<900).map { span(1, round * 900 + $0 + 1, at: $0) }))
            try await store.write(batch((0..<300).map { span(2, round * 300 + $0 + 1) }, of: "other"))
            try await store.write(batch((0..<90).map { span(1, round * 900 + $0 * 10 + 1, at: $0 * 10) }))
        }
        var found: [SpanID] = []
        for first in stride(from: 0, to: 5_000, by: 1_000) {
            guard let piece = try await store.trace(traceID(1), spans: first..<first + 1_000) else {
                throw StorageError.failed("nothing from \(first) on")
            }
            try requireEqual(piece.spanCount, 4_500)
            try requireEqual(piece.end, min(first + 1_000, 4_500))
            found += piece.resourceSpans.flatMap { $0.scopeSpans.flatMap { $0.spans.map(\.spanID) } }
            try requireEqual(found.count, min(first + 1_000, 4_500))
        }
        try requireEqual(Set(found).count, 4_500)
        let behind = try await store.trace(traceID(1), spans: 9_000..<9_001)
        try requireEqual(behind, TraceExcerpt(resourceSpans: [], spanCount: 4_500, end: 4_500))
        let nothing = try await store.trace(traceID(3), spans: 0..<10)
        try require(nothing == nil, "an unknown trace is there")
    },

    StorageCheck("a trace of large spans comes in pieces of so many bytes, each span once") { store in
        let text = String(repeating: "0123456789abcdef", count: 4 << 16)
        for number in 1...18 as ClosedRange<UInt64> {
            var large = span(1, number)
            large.attributes["body"] = .string(text)
            try await store.write(batch([large]))
        }
        guard let first = try await store.trace(traceID(1), spans: 0..<50) else {
            throw StorageError.failed("nothing at all")
        }
        func count(_ piece: TraceExcerpt) -> Int {
            piece.resourceSpans.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
        }
        try requireEqual(first.end, 16)
        try requireEqual(count(first), 16)
        try requireEqual(first.spanCount, 18)
        let rest = try await store.trace(traceID(1), spans: first.end..<50)
        try requireEqual(rest.map(count), 2)
        try requireEqual(rest?.end, 18)
    },

    StorageCheck("an empty store has no services, operations, traces") { store in
        try requireEqual(try await store.services(), [])
        try requireEqual(try await store.operations(ofService: "shop"), [])
        try requireEqual(
            try await store.traces(matching: TraceQuery()), TracePage(traces: [], next: nil))
        try require(try await store.trace(traceID(1)) == nil, "a trace out of nothing")
    },

    StorageCheck("an empty batch and empty parts are accepted and leave nothing") { store in
        try await store.write([])
        try await store.write(batch([]))
        try await store.write([ResourceSpans(resource: Resource(), scopeSpans: [])])
        try requireEqual(try await store.services(), [])
        try requireEqual(try await store.traces(matching: TraceQuery()).traces, [])
    },

    StorageCheck("services are sorted, and a missing or odd service.name is unknown_service") { store in
        try await store.write(batch([span(1, 1)], of: "zebra"))
        try await store.write(batch([span(1, 2)], of: "ant"))
        try await store.write(batch([span(1, 3)], of: nil))
        try await store.write(batch([span(1, 4)], of: nil, ["service.name": 7]))
        try requireEqual(try await store.services(), ["ant", Resource.unknownServiceName, "zebra"])
        let page = try await store.traces(matching: TraceQuery(service: Resource.unknownServiceName))
        try requireEqual(
            page.traces.first?.services.map(\.name), ["ant", Resource.unknownServiceName, "zebra"])
    },

    StorageCheck("operations are the distinct names and kinds of one service, sorted by name") { store in
        let spans = [
            span(1, 1, name: "b", kind: .server), span(1, 2, name: "a"), span(2, 3, name: "b", kind: .server),
            span(2, 4, name: "b", kind: .client),
        ]
        try await store.write(batch(spans))
        try await store.write(batch([span(1, 5, name: "other")], of: "other"))
        try requireEqual(
            try await store.operations(ofService: "shop"),
            [
                Operation(name: "a", kind: .internal), Operation(name: "b", kind: .server),
                Operation(name: "b", kind: .client),
            ])
    },

    StorageCheck("every field of a span comes back as it was sent") { store in
        let parts = everyField()
        try await store.write(parts)
        try requireEqual(try await store.trace(traceID(1)), parts)
    },

    StorageCheck("a trace is grouped by resource and scope in the order of arrival") { store in
        let scopes = ["one", "two"].map { InstrumentationScope(name: $0) }
        func part(_ service: String, _ scope: InstrumentationScope, _ ids: [UInt64]) -> ResourceSpans {
            ResourceSpans(
                resource: Resource(attributes: ["service.name": .string(service)]),
                scopeSpans: [ScopeSpans(scope: scope, spans: ids.map { span(1, $0, at: $0) })])
        }
        try await store.write([part("b", scopes[0], [4, 3]), part("a", scopes[0], [1])])
        try await store.write([part("b", scopes[1], [5]), part("b", scopes[0], [2])])
        let trace = try await store.trace(traceID(1)) ?? []
        try requireEqual(trace.map(\.resource.serviceName), ["b", "a"])
        try requireEqual(trace.first?.scopeSpans.map(\.scope.name), ["one", "two"])
        try requireEqual(trace.first?.scopeSpans.first?.spans.map(\.spanID.value), [4, 3, 2])
    },

    StorageCheck("names and values of any length and bytes stay apart and whole") { store in
        let long = String(repeating: "long ", count: 40_000)
        let names = ["", " ", "a\u{0}b", "a", "\u{e9}", "e\u{301}", "🕊️", long]
        for (index, name) in names.enumerated() {
            let id = UInt64(index + 1)
            try await store.write(
                batch([span(id, id, name: name, [name: .string(name)])], of: "s" + name))
        }
        for (index, name) in names.enumerated() {
            let id = traceID(UInt64(index + 1))
            let page = try await store.traces(
                matching: TraceQuery(
                    service: "s" + name, operation: name, attributes: [.init(key: name, value: name)]))
            try requireEqual(page.traces.map(\.traceID), [id], "name \(index)")
            let found = try await store.trace(id)?.first?.scopeSpans.first?.spans.first?.name
            try requireEqual(found.map { Array($0.utf8) }, Array(name.utf8), "name \(index)")
        }
    },

    StorageCheck("times at both ends of 64 bits are kept and found") { store in
        var spans = [span(1, 1), span(2, 2), span(3, 3)]
        (spans[0].startTimeUnixNano, spans[0].endTimeUnixNano) = (.max - 5, .max)
        (spans[1].startTimeUnixNano, spans[1].endTimeUnixNano) = (0, .max)
        (spans[2].startTimeUnixNano, spans[2].endTimeUnixNano) = (9, 0)
        try await store.write(batch(spans))
        let page = try await store.traces(matching: TraceQuery())
        try requireEqual(page.traces.map(\.traceID), [traceID(1), traceID(3), traceID(2)])
        try requireEqual(page.traces.map(\.durationNano), [5, 0, .max])
        let late = try await store.traces(matching: TraceQuery(startTimeMin: .max - 5))
        try requireEqual(late.traces.map(\.traceID), [traceID(1)])
        let lasting = try await store.traces(matching: TraceQuery(durationMin: .max))
        try requireEqual(lasting.traces.map(\.traceID), [traceID(2)])
        try requireEqual(try await store.trace(traceID(3)), batch([spans[2]]))
    },
]

/// Two resources with everything that the model has.
private func everyField() -> [ResourceSpans] {
    let values: Attributes = [
        "string": "text \u{0} 🕊️", "empty string": "", "yes": true, "no": false, "int": .int(.min),
        "zero": 0, "double": 0.1, "infinity": .double(.infinity), "nan": .double(.nan),
        "minus zero": .double(-0.0),
        "bytes": .bytes([0, 1, 255]), "no bytes": .bytes([]), "nothing": .empty,
        "array": [1, "two", [3.5, .empty], .bytes([4])],
        "map": ["inner": ["deeper": [true, "x"]], "": 1], "empty array": [], "empty map": .map([:]),
    ]
    var twice = values
    twice.append(Attribute(key: "int", value: 5))
    let full = SpanData(
        traceID: traceID(1), spanID: SpanID(value: .max), parentSpanID: SpanID(value: 1),
        traceState: "a=b,c=d", flags: 0x301, name: "full", kind: .consumer, startTimeUnixNano: fixtureEpoch,
        endTimeUnixNano: fixtureEpoch + 1, attributes: twice, droppedAttributesCount: .max,
        events: [
            SpanEvent(timeUnixNano: 0, name: "before", attributes: values, droppedAttributesCount: 3),
            SpanEvent(timeUnixNano: .max, name: ""),
        ], droppedEventsCount: 4,
        links: [
            SpanLink(
                traceID: TraceID(high: .max, low: 0), spanID: SpanID(value: 1 << 63), traceState: "x=y",
                attributes: values, droppedAttributesCount: 5, flags: 0x101)
        ], droppedLinksCount: 6, status: SpanStatus(code: .error, message: "it broke"))
    var odd = span(1, 2, name: "", kind: .unspecified, status: .ok)
    odd.droppedLinksCount = 1
    let resource = Resource(
        attributes: values, droppedAttributesCount: 7,
        entityRefs: [
            EntityRef(
                schemaURL: "https://example.org/1", type: "host", idKeys: ["a", "b"], descriptionKeys: ["c"])
        ], schemaURL: "https://example.org/2")
    let scope = InstrumentationScope(
        name: "scope", version: "1.2", attributes: values, droppedAttributesCount: 8,
        schemaURL: "https://example.org/3")
    return [
        ResourceSpans(resource: resource, scopeSpans: [ScopeSpans(scope: scope, spans: [full, odd])]),
        ResourceSpans(
            resource: Resource(),
            scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: ""), spans: [span(1, 3)])]),
    ]
}

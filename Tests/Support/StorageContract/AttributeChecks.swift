// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// As many spans as seal a small block.
private func fillers() -> [ResourceSpans] { batch((1...1_500).map { span(2, $0) }, of: nil) }

let attributeChecks: [StorageCheck] = [
    StorageCheck("attribute keys come with their scope and types, sorted") { store in
        try requireEqual(
            try await store.attributeKeys(matching: AttributeKeyQuery()),
            AttributeKeyList(keys: [], isComplete: true))
        var one = span(1, 1, ["b": 1, "a.text": "x", "a.list": ["x"], "a.nothing": .empty])
        one.events = [SpanEvent(timeUnixNano: 1, name: "first", attributes: ["b": true])]
        one.links = [SpanLink(traceID: traceID(7), spanID: SpanID(value: 70), attributes: ["b": 0.5])]
        try await store.write([
            ResourceSpans(
                resource: Resource(attributes: ["b": "x"]),
                scopeSpans: [
                    ScopeSpans(
                        scope: InstrumentationScope(name: "n", version: "1", attributes: ["b": .bytes([1])]),
                        spans: [one, span(1, 2, ["b": "text"])])
                ])
        ])
        func keys(_ query: AttributeKeyQuery) async throws -> [String] {
            let list = try await store.attributeKeys(matching: query)
            try require(list.isComplete, "not complete")
            return list.keys.map { key in
                "\(key.scope.rawValue):\(key.key) \(key.types.map(\.rawValue).joined(separator: ","))"
            }
        }
        for _ in 0..<2 {
            try requireEqual(
                try await keys(AttributeKeyQuery()),
                [
                    "span:a.list nested", "span:a.nothing empty", "span:a.text string", "event:b bool",
                    "link:b double", "resource:b string", "scope:b bytes", "span:b string,int",
                    "event:name string", "scope:name string", "link:spanId string", "link:traceId string",
                    "scope:version string",
                ])
            try requireEqual(
                try await keys(AttributeKeyQuery(prefix: "a.")),
                ["span:a.list nested", "span:a.nothing empty", "span:a.text string"])
            try requireEqual(
                try await keys(AttributeKeyQuery(scope: .event, prefix: "")),
                ["event:b bool", "event:name string"])
            try requireEqual(try await keys(AttributeKeyQuery(prefix: "absent")), [])
            let few = try await store.attributeKeys(matching: AttributeKeyQuery(limit: 2))
            try requireEqual(few.keys.map(\.key), ["a.list", "a.nothing"])
            try require(!few.isComplete, "a list that was cut off is complete")
            try await store.write(fillers())
        }
    },

    StorageCheck("the values of an attribute are the texts that a condition finds, sorted") { store in
        var one = span(1, 1, ["k": "b", "n": 10, "d": 0.5, "t": true, "list": ["x"]])
        one.events = [SpanEvent(timeUnixNano: 1, name: "first", attributes: ["k": "event"])]
        try await store.write(batch([one, span(1, 2, ["k": "a", "n": 9])], ["k": "resource"]))
        try await store.write(batch([span(1, 3, ["k": "b", "n": 9, "t": false])], of: "shop", ["k": 7]))
        func values(_ query: AttributeValueQuery) async throws -> [String] {
            let list = try await store.attributeValues(matching: query)
            try require(list.isComplete, "\(query.key) is not complete")
            return list.values
        }
        for _ in 0..<2 {
            for (query, expected) in [
                (AttributeValueQuery(key: "k"), ["7", "a", "b", "resource"]),
                (AttributeValueQuery(key: "k", in: .span), ["a", "b"]),
                (AttributeValueQuery(key: "k", in: .resource), ["7", "resource"]),
                (AttributeValueQuery(key: "k", in: .event), ["event"]),
                (AttributeValueQuery(key: "k", in: .link), []),
                (AttributeValueQuery(key: "k", prefix: "r"), ["resource"]),
                (AttributeValueQuery(key: "n"), ["10", "9"]), (AttributeValueQuery(key: "d"), ["0.5"]),
                (AttributeValueQuery(key: "t"), ["false", "true"]), (AttributeValueQuery(key: "list"), []),
                (AttributeValueQuery(key: "name", in: .event), ["first"]),
                (AttributeValueQuery(key: "name", in: .scope), ["fixture"]),
                (AttributeValueQuery(key: "absent"), []),
                (AttributeValueQuery(key: "service.name"), ["shop"]),
            ] { try requireEqual(try await values(query), expected, query.key) }
            let few = try await store.attributeValues(matching: AttributeValueQuery(key: "k", limit: 2))
            try requireEqual(few.values.count, 2)
            try require(!few.isComplete, "a list that was cut off is complete")
            try await store.write(fillers())
        }
    },

    StorageCheck("of very many values those are told that came last, and that there are more") { store in
        for round in 0..<6 {
            try await store.write(
                batch(
                    (0..<9_000).map { number in
                        span(UInt64(round + 1), UInt64(number + 1), ["id": .string("id-\(round)-\(number)")])
                    }))
        }
        let list = try await store.attributeValues(
            matching: AttributeValueQuery(key: "id", prefix: "id-5-77", limit: 1_000))
        try requireEqual(list.values.count, 111)
        try require(!list.isComplete, "54,000 values were all looked at")
    },
]

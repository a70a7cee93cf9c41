// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// A trace written down for a test: spans with ids of a few digits and times in milliseconds.
struct TraceSketch {
    var groups: [ResourceSpans] = []
    /// 2023-11-14 22:13:20 UTC, so that spans may also start before it.
    static let epoch: UInt64 = 1_700_000_000_000_000_000

    static let traceID = TraceID(high: 0x4bf9_2f35_77b3_4da6, low: 0xa3ce_929d_0e0e_4736)

    mutating func add(
        _ service: String?, _ id: UInt64, under parent: UInt64? = nil, _ name: String,
        _ kind: SpanKind = .internal, from start: Double, for duration: Double,
        _ attributes: Attributes = [:], status: SpanStatus = SpanStatus()
    ) {
        let span = SpanData(
            traceID: Self.traceID, spanID: SpanID(value: id),
            parentSpanID: parent.map { SpanID(value: $0) }, name: name, kind: kind,
            startTimeUnixNano: Self.time(start), endTimeUnixNano: Self.time(start + duration),
            attributes: attributes, status: status)
        let resource = Resource(attributes: service.map { ["service.name": .string($0)] } ?? [:])
        if groups.last?.resource == resource {
            groups[groups.count - 1].scopeSpans[0].spans.append(span)
        } else {
            let scope = ScopeSpans(scope: InstrumentationScope(name: "sketch"), spans: [span])
            groups.append(ResourceSpans(resource: resource, scopeSpans: [scope]))
        }
    }

    static func time(_ milliseconds: Double) -> UInt64 {
        epoch &+ UInt64(bitPattern: Int64((milliseconds * 1_000_000).rounded()))
    }

    /// The request that the project's front page shows.
    static var order: TraceSketch {
        var sketch = TraceSketch()
        sketch.add("gateway", 1, "POST /api/v1/items/", .server, from: 0, for: 512)
        sketch.add(
            "gateway", 2, under: 1, "POST", .client, from: 2, for: 508, ["server.address": "127.0.0.1"])
        sketch.add("items", 3, under: 2, "POST /api/v1/items/", .server, from: 3.5, for: 505)
        sketch.add("items", 4, under: 3, "validate_input", from: 4, for: 2)
        sketch.add("items", 5, under: 3, "GET", .client, from: 7, for: 421)
        sketch.add("pricing", 6, under: 5, "GET /quote/{sku}", .server, from: 8, for: 419)
        sketch.add(
            "items", 7, under: 3, "INSERT items", .client, from: 430, for: 30,
            ["db.system.name": "sqlite", "db.namespace": "items.sqlite"])
        sketch.add("items", 8, under: 3, "serialize_response", from: 500, for: 1)
        sketch.add("items", 9, under: 3, "log_event", from: 502, for: 1)
        return sketch
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetrySDK

/// Spans that real programs make, and those that only a bad day makes.
enum ContractSpans {
    /// `count` plain spans of one trace.
    static func batch(_ count: Int) -> SpanBatch {
        batch(
            (0..<count).map { number in
                SpanData(
                    traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: UInt64(number) + 1),
                    name: "span \(number)", kind: .internal, startTimeUnixNano: 1_767_225_600_000_000_000,
                    endTimeUnixNano: 1_767_225_600_000_000_001, attributes: ["number": .int(Int64(number))])
            })
    }

    /// Values at the edges of what a span may hold.
    static var oddBatch: SpanBatch {
        let values: [AttributeValue] = [
            .string(""), .string("\u{0}\u{1F4BC}\u{FFFD}"), .string(String(repeating: "x", count: 100_000)),
            .bool(true),
            .int(.min), .int(.max), .double(.nan), .double(.infinity), .double(-0.0), .bytes([]), .array([]),
            .array([.int(1), .string("mixed")]), .map(["": .string("")]), .empty,
        ]
        var attributes = Attributes()
        for (index, value) in values.enumerated() { attributes["key \(index)"] = value }
        return batch([
            SpanData(
                traceID: TraceID(high: .max, low: .max), spanID: SpanID(value: .max), name: "", kind: .server,
                startTimeUnixNano: .max, endTimeUnixNano: 0, attributes: attributes,
                events: [SpanEvent(timeUnixNano: 0, name: "", attributes: attributes)],
                links: [SpanLink(traceID: .invalid, spanID: .invalid, attributes: attributes)],
                status: SpanStatus(code: .error, message: String(repeating: "e", count: 10_000)))
        ])
    }

    private static func batch(_ spans: [SpanData]) -> SpanBatch {
        SpanBatch([
            ResourceSpans(
                resource: Resource(attributes: ["service.name": "contract"]),
                scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "contract"), spans: spans)])
        ])
    }
}

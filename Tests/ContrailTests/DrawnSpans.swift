// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetrySDK

extension SpanData {
    /// A span of trace 1 whose times are milliseconds since 1970.
    static func drawn(
        _ id: UInt64, under parent: UInt64? = nil, _ name: String, _ milliseconds: Range<UInt64>,
        trace: UInt64 = 1,
        flags: UInt32 = 0x101, attributes: Attributes = [:], status: SpanStatus = SpanStatus()
    ) -> SpanData {
        SpanData(
            traceID: TraceID(high: 0, low: trace), spanID: SpanID(value: id),
            parentSpanID: parent.map { SpanID(value: $0) }, flags: flags, name: name,
            startTimeUnixNano: milliseconds.lowerBound * 1_000_000,
            endTimeUnixNano: milliseconds.upperBound * 1_000_000, attributes: attributes, status: status)
    }
}

extension SpanBatch {
    /// Spans of a service `shop`.
    static func of(_ spans: [SpanData]) -> SpanBatch {
        SpanBatch([
            ResourceSpans(
                resource: Resource(attributes: ["service.name": "shop"]),
                scopeSpans: [ScopeSpans(scope: .init(name: "test"), spans: spans)])
        ])
    }
}

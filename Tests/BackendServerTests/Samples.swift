// SPDX-License-Identifier: Apache-2.0

import OTLPWire
import TelemetryModel

/// A request of `count` good spans, and `bad` ones without ids.
func sampleRequest(_ count: Int = 1, bad: Int = 0) -> ExportTraceServiceRequest {
    let good = (0..<count).map { number in
        SpanData(
            traceID: TraceID(high: 1, low: 1), spanID: SpanID(value: UInt64(number) + 1),
            name: "span \(number)", startTimeUnixNano: 1_700_000_000_000_000_000,
            endTimeUnixNano: 1_700_000_000_000_000_000 + UInt64(number))
    }
    let unnamed = (0..<bad).map { _ in
        SpanData(
            traceID: .invalid, spanID: .invalid, name: "bad", startTimeUnixNano: 1, endTimeUnixNano: 2)
    }
    return ExportTraceServiceRequest(resourceSpans: [
        ResourceSpans(
            resource: Resource(attributes: ["service.name": "shop"]),
            scopeSpans: [ScopeSpans(scope: InstrumentationScope(name: "test"), spans: good + unnamed)])
    ])
}

// SPDX-License-Identifier: Apache-2.0

internal import OTLPWire
package import TelemetryModel
package import TelemetryStorage

/// The spans of one request that can be stored, and how many cannot.
package struct ScreenedSpans: Hashable, Sendable {
    package let spans: EncodedSpans
    package let withoutTraceID: Int
    package let withoutSpanID: Int

    /// The bytes of a request that is plain and has nothing but valid ids, as nearly every one; nil for others.
    package init?(plain bytes: borrowing RawSpan) {
        guard let scan = TraceRequestScan(bytes), !scan.hasInvalidIDs else { return nil }
        spans = EncodedSpans(
            scanned: bytes.withUnsafeBytes { [UInt8]($0) }, spanCount: scan.spanCount)
        withoutTraceID = 0
        withoutSpanID = 0
    }

    /// Takes out the spans without valid ids. Origins that lose their last span go too.
    // OpenTelemetry specification 1.60, "SpanContext": valid are a non-zero trace id with a non-zero span id.
    // A span that cannot be named can neither be found nor joined to its trace.
    package init(_ received: [ResourceSpans]) {
        var batch = received
        var (withoutTraceID, withoutSpanID) = (0, 0)
        for resource in batch.indices {
            for scope in batch[resource].scopeSpans.indices {
                batch[resource].scopeSpans[scope].spans.removeAll { span in
                    guard !span.hasValidIDs else { return false }
                    if span.traceID.isValid { withoutSpanID += 1 } else { withoutTraceID += 1 }
                    return true
                }
            }
            batch[resource].scopeSpans.removeAll(where: \.spans.isEmpty)
        }
        batch.removeAll(where: \.scopeSpans.isEmpty)
        self.withoutTraceID = withoutTraceID
        self.withoutSpanID = withoutSpanID
        spans = EncodedSpans(
            scanned: OTLPProtobuf.encode(ExportTraceServiceRequest(resourceSpans: batch)),
            spanCount: batch.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } })
    }

    package var rejectedCount: Int { withoutTraceID + withoutSpanID }

    /// Spans that can be stored.
    package var count: Int { spans.spanCount }

    package var isEmpty: Bool { count == 0 }

    /// Why spans were rejected, for the sender; empty when none was.
    package var rejection: String {
        var parts: [String] = []
        if withoutTraceID > 0 { parts.append("\(withoutTraceID) without a valid trace id") }
        if withoutSpanID > 0 { parts.append("\(withoutSpanID) without a valid span id") }
        guard !parts.isEmpty else { return "" }
        return "rejected \(rejectedCount) span\(rejectedCount == 1 ? "" : "s"): "
            + parts.joined(separator: ", ")
    }
}

extension SpanData {
    fileprivate var hasValidIDs: Bool { traceID.isValid && spanID.isValid }
}

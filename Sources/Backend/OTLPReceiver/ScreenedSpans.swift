// SPDX-License-Identifier: Apache-2.0

package import TelemetryModel

/// The spans of one request that can be stored, and how many cannot.
package struct ScreenedSpans: Hashable, Sendable {
    package private(set) var batch: [ResourceSpans]
    package private(set) var withoutTraceID = 0
    package private(set) var withoutSpanID = 0

    /// Takes out the spans without valid ids. Origins that lose their last span go too.
    // OpenTelemetry specification 1.60, "SpanContext": valid are a non-zero trace id with a non-zero span id.
    // A span that cannot be named can neither be found nor joined to its trace.
    package init(_ received: [ResourceSpans]) {
        batch = received
        // Nearly every request is clean: one walk over the ids, and the batch is passed on without a copy.
        guard !received.allSatisfy({ $0.scopeSpans.allSatisfy { $0.spans.allSatisfy(\.hasValidIDs) } }) else {
            return
        }
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
    }

    package var rejectedCount: Int { withoutTraceID + withoutSpanID }

    /// Spans that can be stored.
    package var count: Int { batch.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } } }

    package var isEmpty: Bool { batch.allSatisfy { $0.scopeSpans.allSatisfy(\.spans.isEmpty) } }

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

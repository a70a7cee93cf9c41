// SPDX-License-Identifier: Apache-2.0

package import OTLPWire
public import TelemetryModel

/// Finished spans on their way to an exporter.
public struct SpanBatch: Sendable {
    /// Number of spans.
    public let count: Int
    /// The spans as values, by resource and scope.
    public let resourceSpans: [ResourceSpans]

    public init(_ resourceSpans: [ResourceSpans]) {
        self.resourceSpans = resourceSpans
        count = resourceSpans.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
    }
}

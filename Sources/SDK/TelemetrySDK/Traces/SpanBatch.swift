// SPDX-License-Identifier: Apache-2.0

import OTLPWire
public import TelemetryModel

/// Finished spans on their way to an exporter.
public struct SpanBatch: Sendable {
    private enum Content: Sendable {
        case values([ResourceSpans])
        case encoded(EncodedSpans)
    }

    /// Messages within messages that are followed when a batch is turned into values. An attribute of an
    /// event is six deep (resource, scope, span, event, attribute, value); each level of its value takes
    /// three more when it is a map (list, attribute, value), two when it is an array.
    static let decodingDepthMax = 6 + 3 * SpanLimits.attributeValueDepthMax

    private let content: Content
    /// Number of spans.
    public let count: Int

    public init(_ resourceSpans: [ResourceSpans]) {
        content = .values(resourceSpans)
        count = resourceSpans.reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
    }

    init(_ spans: EncodedSpans) {
        content = .encoded(spans)
        count = spans.count
    }

    /// The spans as values, by resource and scope; decoded anew each time, so keep it.
    public var resourceSpans: [ResourceSpans] {
        switch content {
        case .values(let values): return values
        case .encoded(let spans):
            var limits = WireLimits()
            limits.depth = Self.decodingDepthMax
            limits.messageBytes = .max
            do throws(WireError) {
                return try OTLPProtobuf.decode(
                    ExportTraceServiceRequest.self, from: spans.exportTraceServiceRequest(), limits: limits
                ).resourceSpans
            } catch {
                SDKDiagnostics.report(.undecodableBatch(spanCount: count))
                return []
            }
        }
    }

    /// The spans as one OTLP `ExportTraceServiceRequest`, in protobuf. Built from spans that are encoded already.
    package func exportTraceServiceRequest() -> [UInt8] {
        switch content {
        case .values(let values): OTLPProtobuf.encode(ExportTraceServiceRequest(resourceSpans: values))
        case .encoded(let spans): spans.exportTraceServiceRequest()
        }
    }
}

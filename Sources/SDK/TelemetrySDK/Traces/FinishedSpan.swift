// SPDX-License-Identifier: Apache-2.0

import OTLPWire
@_spi(TelemetrySDK) import TelemetryAPI
public import TelemetryModel
import Tracing

/// A span that has ended. Costs nothing until it is looked at: values are read from the encoded span when asked for.
public struct FinishedSpan: @unchecked Sendable {
    // Safety: a span that has ended does not change any more.
    let span: RecordingSpan

    init(_ span: RecordingSpan) { self.span = span }

    /// Of the span itself.
    public var context: SpanContext { span.header }

    /// Whether exporters may have it; false for spans that a sampler wanted only recorded.
    public var isSampled: Bool { span.header.isSampled }

    /// Who started it.
    public var scope: InstrumentationScope { span.state.pointee.tracer.scope }

    /// Of the provider.
    public var resource: Resource { span.state.pointee.tracer.provider.resource }

    public var name: String { span.state.pointee.name }

    /// End minus start in nanoseconds.
    public var durationNano: UInt64 {
        let state = span.state.pointee
        return state.endUnixNano > state.startUnixNano ? state.endUnixNano - state.startUnixNano : 0
    }

    /// Everything, decoded anew each time.
    public var data: SpanData {
        let bytes = span.encoded
        var limits = WireLimits()
        // A value of depth 64 nests two messages for each level.
        limits.depth = SpanBatch.decodingDepthMax
        let decoded = try? OTLPProtobuf.decode(SpanData.self, from: bytes, limits: limits)
        return decoded
            ?? SpanData(
                traceID: context.traceID, spanID: context.spanID, name: name, startTimeUnixNano: 0,
                endTimeUnixNano: 0)
    }
}

extension RecordingSpan {
    /// The finished span as OTLP's `Span`.
    var encoded: [UInt8] {
        let state = self.state
        let traceState = header.traceState.headerValue
        let size = SpanEncoding.size(state.pointee, traceState: traceState)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var cursor = UnsafeMutableRawPointer(base)
            SpanEncoding.encode(state.pointee, header, traceState: traceState, at: &cursor)
            count = size
        }
    }

    private var isBridged: Bool { locked { $0.hasBridged } }

    /// What has been set so far, decoded.
    func currentAttributes() -> Attributes {
        let bridged = isBridged ? bridgedAttributes : nil
        let bytes = locked { state in
            Array(UnsafeRawBufferPointer(start: state.fields, count: state.fieldsUsed))
        }
        var limits = WireLimits()
        limits.depth = SpanBatch.decodingDepthMax
        var attributes =
            (try? OTLPProtobuf.decode(SpanData.self, from: bytes, limits: limits))?.attributes ?? [:]
        bridged?.forEach { key, value in attributes[key] = AttributeValue(value) }
        return attributes
    }
}

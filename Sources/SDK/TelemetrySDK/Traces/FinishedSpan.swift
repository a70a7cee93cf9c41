// SPDX-License-Identifier: Apache-2.0

@_spi(TelemetrySDK) import TelemetryAPI
public import TelemetryModel
import Tracing

/// A span that has ended. Costs nothing until it is looked at: values are read from the encoded span when asked for.
public struct FinishedSpan: @unchecked Sendable {
    // Safety: a span that has ended does not change any more.
    let span: RecordingSpan

    init(_ span: RecordingSpan) { self.span = span }

    /// Of the span itself.
    public var context: SpanContext { span.context }

    /// Whether exporters may have it; false for spans that a sampler wanted only recorded.
    public var isSampled: Bool { span.state.pointee.isSampled }

    /// Who started it.
    public var scope: InstrumentationScope { span.state.pointee.tracer.owner.scope }

    /// Of the provider.
    public var resource: Resource { span.state.pointee.tracer.owner.provider.resource }

    public var name: String { span.state.pointee.name }

    /// End minus start in nanoseconds.
    public var durationNano: UInt64 {
        let start = span.state.pointee.startUnixNano
        let end = span.state.pointee.endUnixNano
        return end > start ? end - start : 0
    }

    /// Everything, decoded anew each time.
    public var data: SpanData {
        let batch = SpanBatch(EncodedSpans(span)).resourceSpans
        return batch.first?.scopeSpans.first?.spans.first ?? span.state.pointee.decoded
    }
}

extension RecordingSpan {
    /// The finished span as OTLP's `Span`.
    var encoded: [UInt8] {
        let state = self.state
        let size = SpanEncoding.size(state)
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            var bytes = SpanBytes(UnsafeMutableRawPointer(base))
            SpanEncoding.encode(state, at: &bytes)
            count = size
        }
    }

    /// What has been set so far, decoded.
    func currentAttributes() -> Attributes {
        let bridged = locked { $0.hasBridged } ? bridgedAttributes : nil
        var attributes = locked { $0.decoded }.attributes
        bridged?.forEach { key, value in attributes[key] = AttributeValue(value) }
        return attributes
    }
}

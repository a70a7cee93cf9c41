// SPDX-License-Identifier: Apache-2.0

public import Instrumentation
import ServiceContextModule
public import TelemetryAPI
import TelemetryModel

/// AWS X-Ray's header `X-Amzn-Trace-Id: Root=1-{8 hex}-{24 hex};Parent={16 hex};Sampled={0|1}`.
///
/// Source: AWS X-Ray Developer Guide, "Tracing header".
public struct XRayPropagator: TextMapPropagator {
    private static let header = "X-Amzn-Trace-Id"

    public init() {}

    public var fields: [String] { [Self.header] }

    public func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext, span.isValid else { return }
        let trace = span.traceID.hex
        let value =
            "Root=1-\(trace.prefix(8))-\(trace.dropFirst(8));Parent=\(span.spanID.hex)"
            + ";Sampled=\(span.isSampled ? "1" : "0")"
        injector.inject(value, forKey: Self.header, into: &carrier)
    }

    public func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let header = extractor.extract(key: Self.header, from: carrier), header.utf8.count <= 512 else {
            return
        }
        var trace: TraceID?
        var span: SpanID?
        var isSampled = false
        for field in header.split(separator: ";") {
            let pair = field.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            let value = pair[1].trimmingSpaces
            switch pair[0].trimmingSpaces {
            case "Root":
                let parts = value.split(separator: "-", omittingEmptySubsequences: false)
                guard parts.count == 3, parts[0] == "1", parts[1].utf8.count == 8 else { return }
                trace = TraceID(hex: parts[1] + parts[2])
            case "Parent": span = SpanID(hex: value)
            // "?" asks the receiver to decide; it is not sampled until then.
            case "Sampled": isSampled = value == "1"
            default: continue
            }
        }
        guard let trace, let span, trace.isValid, span.isValid else { return }
        context.spanContext = SpanContext(
            traceID: trace, spanID: span, traceFlags: isSampled ? .sampled : [], isRemote: true)
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}

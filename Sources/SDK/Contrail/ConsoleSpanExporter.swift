// SPDX-License-Identifier: Apache-2.0

import Synchronization
import TelemetryModel
public import TelemetrySDK

/// Writes each span as one line, for people at their desk. The form is no format: it may change.
public final class ConsoleSpanExporter: SpanExporter {
    private let sink: LogSink
    private let isShutDown = Atomic(false)

    public init(sink: LogSink = .standardOutput) { self.sink = sink }

    public func export(_ batch: SpanBatch) async -> ExportResult {
        // "After the call to Shutdown subsequent calls to Export are not allowed and should return a Failure result."
        guard !isShutDown.load(ordering: .relaxed) else {
            return .failure(
                ExportError(code: .shutDown, endpoint: "console", message: "the exporter was shut down"))
        }
        for group in batch.resourceSpans {
            for scope in group.scopeSpans {
                for span in scope.spans {
                    sink.write(Self.line(span, service: group.resource.serviceName ?? ""))
                }
            }
        }
        return .success()
    }

    public func forceFlush() async {}

    public func shutdown() async { isShutDown.store(true, ordering: .relaxed) }

    /// `span items "POST /api" server 12.345 ms ok trace_id=… span_id=… parent_id=… key=value`
    private static func line(_ span: SpanData, service: String) -> [UInt8] {
        var line = TerminalLine(isColoured: false)
        line.text("span")
        line.field("service", service)
        line.field("name", span.name)
        line.field("kind", "\(span.kind)")
        line.field("ms", milliseconds(span.durationNano))
        if span.status.code != .unset { line.field("status", "\(span.status.code)") }
        if !span.status.message.isEmpty { line.field("status_message", span.status.message) }
        line.field("trace_id", span.traceID.hex)
        line.field("span_id", span.spanID.hex)
        if let parent = span.parentSpanID { line.field("parent_id", parent.hex) }
        for attribute in span.attributes { line.field(attribute.key, shown(attribute.value)) }
        for event in span.events { line.field("event", event.name) }
        line.text("\n")
        return line.bytes
    }

    /// Three decimals, always with a point, whatever the locale.
    private static func milliseconds(_ nano: UInt64) -> String {
        let micro = nano / 1_000
        return "\(micro / 1_000)." + String(1_000 + micro % 1_000).dropFirst()
    }

    private static func shown(_ value: AttributeValue) -> String {
        switch value {
        case .string(let text): text
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bytes(let bytes): "\(bytes.count) bytes"
        case .array(let elements): "[" + elements.map(shown).joined(separator: ", ") + "]"
        case .map(let members):
            "{" + members.map { "\($0.key): \(shown($0.value))" }.joined(separator: ", ") + "}"
        case .empty: ""
        }
    }
}

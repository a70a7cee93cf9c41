// SPDX-License-Identifier: Apache-2.0

// Exported again: whoever names an attribute, an id or a kind of span should not have to know where they are kept.
@_exported public import TelemetryModel

/// Who makes the telemetry: a library or module, with its version. Keep one per library, as a constant.
///
/// ```swift
/// let telemetry = TelemetryScope("com.example.items", version: "1.4.0")
/// ```
/// ```swift
/// telemetry.tracer.withSpan("serialize") { span in span["item.count"] = items.count }
/// ```
/// Without SDK everything made from it does nothing and passes the current context on.
/// Source: OpenTelemetry specification 1.60, "Instrumentation Scope".
public struct TelemetryScope: Sendable {
    /// Name, version, attributes and schema, as they reach the wire.
    public let instrumentationScope: InstrumentationScope
    /// Follows the SDK that is installed, now or later.
    public let tracer: TelemetryTracer

    /// - Parameters:
    ///   - name: of the library or module, best in reverse domain form.
    ///   - version: of the library, empty when unknown.
    ///   - schemaURL: of the semantic conventions that its telemetry follows, empty when unknown.
    ///   - attributes: of the scope, not of its spans.
    public init(
        _ name: String, version: String = "", schemaURL: String = "", attributes: Attributes = Attributes()
    ) {
        instrumentationScope = InstrumentationScope(
            name: name, version: version, attributes: attributes, schemaURL: schemaURL)
        tracer = TelemetryTracer(InstalledTracing.tracer(for: instrumentationScope))
    }
}

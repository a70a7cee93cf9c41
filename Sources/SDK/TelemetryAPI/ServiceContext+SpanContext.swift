// SPDX-License-Identifier: Apache-2.0

public import ServiceContextModule
public import TelemetryModel

private enum SpanContextKey: ServiceContextKey {
    typealias Value = SpanContext
    static let nameOverride: String? = "opentelemetry-span-context"
}

extension ServiceContext {
    /// The context of the span that is current here, local or extracted from a carrier; nil when there is none.
    public var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}

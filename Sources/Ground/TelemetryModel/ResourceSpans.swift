// SPDX-License-Identifier: Apache-2.0

/// Spans of one resource, by scope: the envelope in which traces travel.
///
/// Source: OTLP `trace.proto`; the two schema URLs of the wire live in ``Resource`` and
/// ``InstrumentationScope``.
public struct ResourceSpans: Hashable, Sendable {
    public var resource: Resource
    public var scopeSpans: [ScopeSpans]

    public init(resource: Resource, scopeSpans: [ScopeSpans]) {
        self.resource = resource
        self.scopeSpans = scopeSpans
    }
}

/// Spans of one scope.
public struct ScopeSpans: Hashable, Sendable {
    public var scope: InstrumentationScope
    public var spans: [SpanData]

    public init(scope: InstrumentationScope, spans: [SpanData]) {
        self.scope = scope
        self.spans = spans
    }
}

// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

// OTLP 1.11.0, trace/v1/trace.proto.

extension ResourceSpans: WireMessage {
    static var wireDefault: ResourceSpans { ResourceSpans(resource: .wireDefault, scopeSpans: []) }
    static var lengthSizeHint: Int { 3 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.message(1, "resource", \.resource)
        try walker.messages(2, "scopeSpans", \.scopeSpans)
        try walker.field(3, "schemaUrl", \.resource.schemaURL, Text.self)
    }
}

extension ScopeSpans: WireMessage {
    static var wireDefault: ScopeSpans { ScopeSpans(scope: .wireDefault, spans: []) }
    static var lengthSizeHint: Int { 3 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.message(1, "scope", \.scope)
        try walker.messages(2, "spans", \.spans)
        try walker.field(3, "schemaUrl", \.scope.schemaURL, Text.self)
    }
}

extension SpanData: WireMessage {
    static var wireDefault: SpanData {
        SpanData(
            traceID: .invalid, spanID: .invalid, name: "", kind: .unspecified, startTimeUnixNano: 0,
            endTimeUnixNano: 0)
    }

    static var lengthSizeHint: Int { 2 }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "traceId", \.traceID, TraceIdentifier.self)
        try walker.field(2, "spanId", \.spanID, SpanIdentifier.self)
        try walker.field(3, "traceState", \.traceState, Text.self)
        try walker.field(4, "parentSpanId", \.parentSpanID, ParentIdentifier.self)
        try walker.field(5, "name", \.name, Text.self)
        try walker.field(6, "kind", \.kind, Enumeration<SpanKind>.self)
        try walker.field(7, "startTimeUnixNano", \.startTimeUnixNano, Fixed64.self)
        try walker.field(8, "endTimeUnixNano", \.endTimeUnixNano, Fixed64.self)
        try walker.messages(9, "attributes", \.attributes.elements)
        try walker.field(10, "droppedAttributesCount", \.droppedAttributesCount, Varint32.self)
        try walker.messages(11, "events", \.events)
        try walker.field(12, "droppedEventsCount", \.droppedEventsCount, Varint32.self)
        try walker.messages(13, "links", \.links)
        try walker.field(14, "droppedLinksCount", \.droppedLinksCount, Varint32.self)
        try walker.message(15, "status", \.status)
        try walker.field(16, "flags", \.flags, Fixed32.self)
    }
}

/// `Span.Event`.
extension SpanEvent: WireMessage {
    static var wireDefault: SpanEvent { SpanEvent(timeUnixNano: 0, name: "") }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "timeUnixNano", \.timeUnixNano, Fixed64.self)
        try walker.field(2, "name", \.name, Text.self)
        try walker.messages(3, "attributes", \.attributes.elements)
        try walker.field(4, "droppedAttributesCount", \.droppedAttributesCount, Varint32.self)
    }
}

/// `Span.Link`.
extension SpanLink: WireMessage {
    static var wireDefault: SpanLink { SpanLink(traceID: .invalid, spanID: .invalid) }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(1, "traceId", \.traceID, TraceIdentifier.self)
        try walker.field(2, "spanId", \.spanID, SpanIdentifier.self)
        try walker.field(3, "traceState", \.traceState, Text.self)
        try walker.messages(4, "attributes", \.attributes.elements)
        try walker.field(5, "droppedAttributesCount", \.droppedAttributesCount, Varint32.self)
        try walker.field(6, "flags", \.flags, Fixed32.self)
    }
}

/// `Status`; number 1 is reserved.
extension SpanStatus: WireMessage {
    static var wireDefault: SpanStatus { SpanStatus() }

    static func fields<Walker: FieldWalker>(_ walker: inout Walker) throws(Walker.Failure)
    where Walker.Message == Self {
        try walker.field(2, "message", \.message, Text.self)
        try walker.field(3, "code", \.code, Enumeration<SpanStatus.Code>.self)
    }
}

extension SpanKind: WireEnumeration {
    static var wireDefault: SpanKind { .unspecified }
    static var namePrefix: String { "SPAN_KIND_" }
}

extension SpanStatus.Code: WireEnumeration {
    static var wireDefault: SpanStatus.Code { .unset }
    static var namePrefix: String { "STATUS_CODE_" }
}

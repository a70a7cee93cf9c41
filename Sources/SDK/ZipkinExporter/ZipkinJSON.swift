// SPDX-License-Identifier: Apache-2.0

import TelemetryModel

/// Turns spans into Zipkin's v2 JSON.
///
/// Source: OpenTelemetry specification 1.60, "OpenTelemetry to Zipkin Transformation" and "Mapping to non-OTLP
/// Formats"; https://github.com/openzipkin/zipkin-api, `zipkin2-api.yaml`.
enum ZipkinJSON {
    /// A list of spans: the body of a POST to `/api/v2/spans`.
    static func encode(_ resourceSpans: [ResourceSpans]) -> [UInt8] {
        var json = JSONText()
        json.array { json in
            for group in resourceSpans {
                for scopeSpans in group.scopeSpans {
                    let scope = tags(of: scopeSpans.scope)
                    for span in scopeSpans.spans { write(span, group.resource, scope, to: &json) }
                }
            }
        }
        return json.bytes
    }

    // "For performance considerations, Zipkin fields that can be absent SHOULD be omitted from the payload when
    // they are empty in the OpenTelemetry Span."
    private static func write(
        _ span: SpanData, _ resource: Resource, _ scope: ZipkinTags, to json: inout JSONText
    ) {
        json.object { json in
            json.member("traceId", span.traceID.hex)
            if let parent = span.parentSpanID { json.member("parentId", parent.hex) }
            json.member("id", span.spanID.hex)
            if let kind = kind(span.kind) { json.member("kind", kind) }
            json.member("name", span.name)
            if span.startTimeUnixNano >= 1_000 { json.member("timestamp", span.startTimeUnixNano / 1_000) }
            // "duration of 1234 nanoseconds will be represented as 1 microsecond"; zipkin2-api.yaml: "Durations of
            // less than one are rounded up to 1".
            json.member("duration", max(span.durationNano / 1_000, 1))
            json.key("localEndpoint")
            json.object { json in
                // "Zipkin service name MUST be set to the value of the resource attribute: service.name."
                json.member("serviceName", resource.serviceName ?? Resource.unknownServiceName)
            }
            if let remote = ZipkinRemoteEndpoint(span) {
                json.key("remoteEndpoint")
                remote.write(to: &json)
            }
            annotations(span.events, to: &json)
            tags(span, resource, scope).write(to: &json)
        }
    }

    private static func kind(_ kind: SpanKind) -> String? {
        switch kind {
        case .server: "SERVER"
        case .client: "CLIENT"
        case .producer: "PRODUCER"
        case .consumer: "CONSUMER"
        // "must be omitted (set to null)"
        case .internal, .unspecified: nil
        }
    }

    private static func annotations(_ events: [SpanEvent], to json: inout JSONText) {
        guard !events.isEmpty else { return }
        json.key("annotations")
        json.array { json in
            for event in events {
                json.object { json in
                    json.member("timestamp", event.timeUnixNano / 1_000)
                    json.member("value", text(of: event))
                }
            }
        }
    }

    // "Events MUST be converted to the Annotations with the names which will include attribute values like this:
    // "my-event-name": { "key1" : "value1", "key2": "value2" }"
    private static func text(of event: SpanEvent) -> String {
        var attributes = event.attributes
        if event.droppedAttributesCount > 0 {
            attributes[droppedAttributes] = .int(Int64(event.droppedAttributesCount))
        }
        guard !attributes.isEmpty else { return event.name }
        var json = JSONText()
        json.key(event.name)
        json.value(.map(attributes))
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func tags(of scope: InstrumentationScope) -> ZipkinTags {
        var tags = ZipkinTags()
        // "Exporters to formats that don't have a concept that is equivalent to the Scope SHOULD record the attributes
        // at the most suitable place in their corresponding format, typically at the Span"
        for attribute in scope.attributes { tags.set(attribute.key, attribute.value.text) }
        // "The following deprecated aliases MUST also be reported with exact same values"
        for prefix in ["otel.scope", "otel.library"] {
            if !scope.name.isEmpty { tags.set("\(prefix).name", scope.name) }
            if !scope.version.isEmpty { tags.set("\(prefix).version", scope.version) }
        }
        return tags
    }

    private static func tags(_ span: SpanData, _ resource: Resource, _ scope: ZipkinTags) -> ZipkinTags {
        var tags = scope
        // "service.namespace MUST NOT be used for the Zipkin service name and should be sent as a Zipkin tag."
        if let namespace = resource.attributes["service.namespace"] {
            tags.set("service.namespace", namespace.text)
        }
        // "The error tag should only be set if Status is Error … Zipkin will treat any span with error sent as failed."
        for attribute in span.attributes where attribute.key != "error" {
            tags.set(attribute.key, attribute.value.text)
        }
        switch span.status.code {
        case .unset: break
        case .ok: tags.set("otel.status_code", "OK")
        case .error:
            tags.set("otel.status_code", "ERROR")
            // "MUST be set if the code is ERROR, use an empty string if Description has no value."
            tags.set("error", span.status.message)
        }
        let dropped = [
            (droppedAttributes, span.droppedAttributesCount),
            ("otel.dropped_events_count", span.droppedEventsCount),
            ("otel.dropped_links_count", span.droppedLinksCount),
        ]
        // "This key-value pair should only be recorded when it contains a non-zero value."
        for (key, count) in dropped where count > 0 { tags.set(key, "\(count)") }
        return tags
    }

    private static let droppedAttributes = "otel.dropped_attributes_count"
}

/// Tags in the order in which they were first set; each key once, as JSON wants it.
struct ZipkinTags {
    private var pairs: [(key: String, value: String)] = []

    mutating func set(_ key: String, _ value: String) {
        if let index = pairs.firstIndex(where: { $0.key == key }) {
            pairs[index].value = value
        } else {
            pairs.append((key, value))
        }
    }

    func write(to json: inout JSONText) {
        guard !pairs.isEmpty else { return }
        json.key("tags")
        json.object { json in for pair in pairs { json.member(pair.key, pair.value) } }
    }
}

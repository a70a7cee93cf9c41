// SPDX-License-Identifier: Apache-2.0

import TelemetryModel
import TelemetryStorage

/// The contract in its plainest form: a list of spans that is walked for every question.
struct ReferenceStore {
    private struct Key: Hashable {
        var trace: TraceID
        var span: SpanID
        var start: UInt64
    }

    private struct Stored {
        var resource: Resource
        var scope: InstrumentationScope
        var span: SpanData
        var service: String
        /// `scope:key=text` of all attributes that have a text.
        var attributes: Set<String>
        /// Those that are numbers, by `scope:key`. Fixtures have none that a double cannot be.
        var numbers: [(key: String, value: Double)]
    }

    private var traces: [TraceID: [Stored]] = [:]
    /// Made when first asked for.
    private var summaries: [TraceID: TraceSummary] = [:]
    private var seen: Set<Key> = []

    mutating func write(_ batch: [ResourceSpans]) {
        for resourceSpans in batch {
            for scopeSpans in resourceSpans.scopeSpans {
                for span in scopeSpans.spans {
                    let key = Key(trace: span.traceID, span: span.spanID, start: span.startTimeUnixNano)
                    guard seen.insert(key).inserted else { continue }
                    summaries[span.traceID] = nil
                    let attributes = Self.scoped(span, resourceSpans.resource, scopeSpans.scope)
                    traces[span.traceID, default: []].append(
                        Stored(
                            resource: resourceSpans.resource, scope: scopeSpans.scope, span: span,
                            service: resourceSpans.resource.serviceName ?? Resource.unknownServiceName,
                            attributes: Set(
                                attributes.compactMap { attribute in
                                    Self.text(of: attribute.value).map { "\(attribute.key)=\($0)" }
                                }),
                            numbers: attributes.compactMap { attribute in
                                Self.number(of: attribute.value).map { (attribute.key, $0) }
                            }))
                }
            }
        }
    }

    var traceIDs: [TraceID] { Array(traces.keys) }

    var services: [String] {
        Set(traces.values.joined().map(\.service)).sorted()
    }

    func operations(ofService service: String) -> Set<Operation> {
        Set(
            traces.values.joined().filter { $0.service == service }
                .map { Operation(name: $0.span.name, kind: $0.span.kind) })
    }

    /// All answers, without regard to limit and cursor.
    mutating func traces(matching query: TraceQuery) -> [TraceSummary] {
        var answers: [TraceSummary] = []
        for (id, spans) in traces where spans.contains(where: { Self.meets($0, query) }) {
            let summary = summaries[id] ?? Self.summary(id, spans)
            summaries[id] = summary
            answers.append(summary)
        }
        return answers.sorted { ($1.startTimeUnixNano, $1.traceID) < ($0.startTimeUnixNano, $0.traceID) }
    }

    /// The spans of a trace, each with what it came in.
    func spans(of trace: TraceID) -> [SpanID: SpanInContext] {
        Dictionary(
            (traces[trace] ?? []).map {
                ($0.span.spanID, SpanInContext(resource: $0.resource, scope: $0.scope, span: $0.span))
            },
            uniquingKeysWith: { first, _ in first })
    }

    private static func meets(_ stored: Stored, _ query: TraceQuery) -> Bool {
        let span = stored.span
        let duration =
            span.endTimeUnixNano < span.startTimeUnixNano ? 0 : span.endTimeUnixNano - span.startTimeUnixNano
        if let service = query.service, service != stored.service { return false }
        if let operation = query.operation, operation != span.name { return false }
        if let min = query.startTimeMin, span.startTimeUnixNano < min { return false }
        if let max = query.startTimeMax, span.startTimeUnixNano > max { return false }
        if let min = query.durationMin, duration < min { return false }
        if let max = query.durationMax, duration > max { return false }
        if let status = query.status, status != span.status.code { return false }
        return query.attributes.allSatisfy { condition in
            let bound = Double(condition.value) ?? .nan
            let keys = (condition.scope.map { [$0] } ?? [.span, .resource]).map {
                "\($0.rawValue):\(condition.key)"
            }
            let numbers = stored.numbers.lazy.filter { keys.contains($0.key) }.map(\.value)
            return switch condition.comparison {
            case .equal: keys.contains { stored.attributes.contains("\($0)=\(condition.value)") }
            case .less: numbers.contains { $0 < bound }
            case .atMost: numbers.contains { $0 <= bound }
            case .greater: numbers.contains { $0 > bound }
            case .atLeast: numbers.contains { $0 >= bound }
            }
        }
    }

    /// All attributes, their keys with the scope before them.
    private static func scoped(
        _ span: SpanData, _ resource: Resource, _ scope: InstrumentationScope
    ) -> [Attribute] {
        let parts: [(AttributeScope, Attributes)] =
            [(.resource, resource.attributes), (.scope, scope.attributes), (.span, span.attributes)]
            + span.events.map { (.event, $0.attributes) } + span.links.map { (.link, $0.attributes) }
        return parts.flatMap { scope, attributes in
            attributes.map { Attribute(key: "\(scope.rawValue):\($0.key)", value: $0.value) }
        }
    }

    private static func number(of value: AttributeValue) -> Double? {
        switch value {
        case .int(let value): Double(value)
        case .double(let value): value
        case .string, .bool, .bytes, .array, .map, .empty: nil
        }
    }

    private static func text(of value: AttributeValue) -> String? {
        switch value {
        case .string(let value): value
        case .bool(let value): "\(value)"
        case .int(let value): "\(value)"
        case .double(let value): "\(value)"
        case .bytes, .array, .map, .empty: nil
        }
    }

    private static func summary(_ id: TraceID, _ spans: [Stored]) -> TraceSummary {
        let sorted = spans.sorted {
            ($0.span.startTimeUnixNano, $0.span.spanID) < ($1.span.startTimeUnixNano, $1.span.spanID)
        }
        let ids = Set(spans.map(\.span.spanID))
        let root =
            sorted.first { $0.span.parentSpanID == nil }
            ?? sorted.first { span in !(span.span.parentSpanID.map { ids.contains($0) } ?? true) }
            ?? sorted.first
        let start = spans.map(\.span.startTimeUnixNano).min() ?? 0
        let end = spans.map { max($0.span.startTimeUnixNano, $0.span.endTimeUnixNano) }.max() ?? 0
        let services = Dictionary(grouping: spans, by: \.service).map { name, spans in
            TraceSummary.Service(
                name: name, spanCount: spans.count,
                errorCount: spans.count { $0.span.status.code == .error })
        }
        return TraceSummary(
            traceID: id, rootService: root?.service ?? "", rootOperation: root?.span.name ?? "",
            startTimeUnixNano: start, durationNano: end < start ? 0 : end - start, spanCount: spans.count,
            errorCount: spans.count { $0.span.status.code == .error },
            services: services.sorted { $0.name < $1.name })
    }
}

/// A span with the resource and the scope it was sent in.
struct SpanInContext: Hashable {
    var resource: Resource
    var scope: InstrumentationScope
    var span: SpanData
}

/// The spans of an answer by id.
func spansByID(_ parts: [ResourceSpans]) -> [SpanID: SpanInContext] {
    var spans: [SpanID: SpanInContext] = [:]
    for part in parts {
        for scopeSpans in part.scopeSpans {
            for span in scopeSpans.spans {
                spans[span.spanID] = SpanInContext(
                    resource: part.resource, scope: scopeSpans.scope, span: span)
            }
        }
    }
    return spans
}

func spanCount(_ parts: [ResourceSpans]?) -> Int {
    (parts ?? []).reduce(0) { $0 + $1.scopeSpans.reduce(0) { $0 + $1.spans.count } }
}

// SPDX-License-Identifier: Apache-2.0

internal import TelemetryStorage

/// One path of the API as data: router, checks of parameters, hints and OpenAPI document are made from this
/// list.
struct APIRoute: Sendable {
    /// As in OpenAPI and as Hummingbird's router takes it.
    let path: String
    let operationID: String
    let summary: String
    let parameters: [APIParameter]
    /// Name of the answer's schema in the OpenAPI document.
    let answer: APISchema
    /// Errors beside those of bad parameters and of the store.
    let errors: [APIError.Code]
    /// Of the answer; errors are always JSON.
    var mediaType = "application/json"

    static let all = [
        services, operations, attributes, attributeValues, traces, trace, analysis, traceLogs, logs,
        receivers, store, openAPI, health,
        ready,
        metrics,
    ]

    static let services = APIRoute(
        path: "/api/v1/services", operationID: "listServices",
        summary: "Names of all services that have sent spans, sorted.",
        parameters: [], answer: .services, errors: [])

    static let operations = APIRoute(
        path: "/api/v1/services/{service}/operations", operationID: "listOperations",
        summary: "Span names of one service with their kinds, sorted; none for an unknown service.",
        parameters: [
            APIParameter(
                "service", in: .path, .text, help: "Name of the service, percent-encoded.", example: "items")
        ],
        answer: .operations, errors: [])

    static let traces = APIRoute(
        path: "/api/v1/traces", operationID: "findTraces",
        summary: "Traces in which one single span meets all conditions, newest first.",
        parameters: searchParameters, answer: .tracePage, errors: [])

    static let trace = APIRoute(
        path: "/api/v1/traces/{traceId}", operationID: "getTrace",
        summary: """
            One trace, as OTLP/JSON: the message TracesData. The header Contrail-Span-Count says how many spans it \
            has; Contrail-Next-Offset, which offset asks for the rest when there is one.
            """,
        parameters: [
            traceIDParameter, spanLimit,
            APIParameter(
                "offset", .count(0...Int(Int32.max)), help: "Spans to leave out before those of the answer.",
                example: "50000"),
        ], answer: .tracesData, errors: [.unknownTrace])

    static let analysis = APIRoute(
        path: "/api/v1/traces/{traceId}/analysis", operationID: "analyzeTrace",
        summary: "The tree of one trace, what is odd about it, its critical path, and where its time went.",
        parameters: [traceIDParameter, spanLimit], answer: .analysis, errors: [.unknownTrace])

    static let traceLogs = APIRoute(
        path: "/api/v1/traces/{traceId}/logs", operationID: "getTraceLogs",
        summary:
            """
            Log records of one trace, the latest when there are very many, as OTLP/JSON: the message LogsData. The \
            header Contrail-Complete says whether these are all.
            """,
        parameters: [
            traceIDParameter,
            APIParameter(
                "limit", .count(1...TraceLogExcerpt.recordsMax),
                help: "Most records in the answer; \(TraceLogExcerpt.recordsMax) when not given.",
                example: "1000"),
        ], answer: .logsData, errors: [])

    static let logs = APIRoute(
        path: "/api/v1/logs", operationID: "findLogs",
        summary: "Log records that meet all conditions, latest first.",
        parameters: logParameters, answer: .logPage, errors: [])

    static let receivers = APIRoute(
        path: "/api/v1/receivers", operationID: "getReceivers",
        summary: "The ports of this server that take OTLP.", parameters: [], answer: .receivers, errors: [])

    static let openAPI = APIRoute(
        path: "/api/openapi.json", operationID: "getOpenAPI", summary: "This description.",
        parameters: [], answer: .openAPI, errors: [])

    static let store = APIRoute(
        path: "/api/v1/store", operationID: "getStore",
        summary: "How the store is: what it holds, what it takes, what of it is damaged.",
        parameters: [], answer: .store, errors: [])

    // Where probes look for them by habit, outside /api.
    static let health = APIRoute(
        path: "/health", operationID: "getHealth", summary: "The process lives.",
        parameters: [], answer: .health, errors: [])

    static let ready = APIRoute(
        path: "/ready", operationID: "getReadiness",
        summary: "Spans that come now would be stored; 503 with the reason when not.",
        parameters: [], answer: .health, errors: [.notReady])

    static let metrics = APIRoute(
        path: "/metrics", operationID: "getMetrics",
        summary: "What is counted and measured, in the text format of Prometheus 0.0.4.",
        parameters: [], answer: .metrics, errors: [],
        mediaType: "text/plain; version=0.0.4; charset=utf-8")

    /// Beginnings of paths that are no paths themselves. The router ends its search at them, before it comes
    /// to a route for everything else.
    static var pathsBetween: [String] {
        let paths = Set(all.map(\.path))
        let beginnings = paths.flatMap { path in
            let parts = path.split(separator: "/")
            return (1..<parts.count).map { "/" + parts.prefix($0).joined(separator: "/") }
        }
        return Set(beginnings).subtracting(paths).sorted()
    }

    private static let spanLimit = APIParameter(
        "limit", .count(1...TraceExcerpt.spansMax),
        help: "Most spans in the answer, by when they came; \(TraceExcerpt.spansMax) when not given.",
        example: "1000")

    private static let traceIDParameter = APIParameter(
        "traceId", in: .path, .traceID, help: "32 hexadecimal digits.",
        example: "4bf92f3577b34da6a3ce929d0e0e4736")

    private static let logParameters = [
        APIParameter("service", .text, help: "Name of the record's service.", example: "items"),
        APIParameter(
            "severity", .severity,
            help: "At least as grave: trace, debug, info, warn, error, fatal, or one of their steps (info2).",
            example: "warn"),
        APIParameter(
            "text", .text, help: "Stands anywhere in the body; ASCII letters in either case.",
            example: "timeout"),
        APIParameter(
            "traceId", .traceID, help: "The record was written in this trace.",
            example: "4bf92f3577b34da6a3ce929d0e0e4736"),
        APIParameter(
            "spanId", .spanID, help: "The record was written in this span.", example: "00f067aa0ba902b7"),
        APIParameter(
            "start", .time, help: "Written at this time or later.", example: "2026-11-22T13:36:00Z"),
        APIParameter(
            "end", .time, help: "Written at this time or earlier.", example: "2026-11-22T14:36:00Z"),
        APIParameter(
            "since", .duration, help: "Written at most this long ago; instead of start.", example: "1h"),
        APIParameter(
            "attribute", .attribute(scopes: AttributeScope.ofLogs), isRepeatable: true,
            help: """
                The record or its resource has this attribute; log:, resource: or scope: before the key asks \
                there alone. Strings as they are, numbers and booleans as in JSON; >, >=, < and <= instead of \
                = compare numbers. May be given several times: all must hold.
                """, example: "http.response.status_code=500"),
        APIParameter(
            "limit", .count(1...LogQuery.limitMax),
            help: "Most records in the answer; \(LogQuery.limitDefault) when not given.", example: "100"),
        APIParameter("cursor", .text, help: "nextCursor of the page before.", example: "abc"),
    ]

    private static let searchParameters = [
        APIParameter("service", .text, help: "Name of the span's service.", example: "items"),
        APIParameter("operation", .text, help: "Name of the span.", example: "POST /api/v1/items/"),
        APIParameter(
            "start", .time, help: "The span starts at this time or later.", example: "2026-11-22T13:36:00Z"),
        APIParameter(
            "end", .time, help: "The span starts at this time or earlier.", example: "2026-11-22T14:36:00Z"),
        APIParameter(
            "since", .duration, help: "The span starts at most this long ago; instead of start.",
            example: "1h"),
        APIParameter("minDuration", .duration, help: "The span lasts at least this.", example: "500ms"),
        APIParameter("maxDuration", .duration, help: "The span lasts at most this.", example: "1.5s"),
        APIParameter("status", .status, help: "The span's status.", example: "error"),
        APIParameter(
            "attribute", .attribute(scopes: AttributeScope.ofTraces), isRepeatable: true,
            help: """
                The span or its resource has this attribute; span:, resource:, scope:, event: or link: before \
                the key asks there alone. Strings as they are, numbers and booleans as in JSON; >, >=, < and \
                <= instead of = compare numbers. May be given several times: all must hold.
                """, example: "http.response.status_code=500"),
        APIParameter(
            "limit", .count(1...TraceQuery.limitMax),
            help: "Most traces in the answer; \(TraceQuery.limitDefault) when not given.", example: "20"),
        APIParameter("cursor", .text, help: "nextCursor of the page before.", example: "abc"),
    ]
}

extension APIRoute {
    /// The error for a parameter that the route does not have, with the nearest one that it has.
    func unknown(_ name: String) -> APIError {
        let names = parameters.filter { $0.place == .query }.map(\.name)
        let shown = name.count > 80 ? name.prefix(80) + "…" : name[...]
        var message = "unknown parameter \"\(shown)\""
        if let near = Self.nearest(to: name, of: names) { message += "; did you mean \(near)?" }
        message +=
            names.isEmpty
            ? "; \(path) takes none" : "; \(path) takes \(names.joined(separator: ", "))"
        return APIError(.unknownParameter, message, parameter: String(shown))
    }

    /// Names of other trace APIs, for hands that know them.
    private static let otherNames = [
        "tags": "attribute", "tag": "attribute", "attributes": "attribute", "lookback": "since",
        "name": "operation", "servicename": "service", "starttime": "start", "endtime": "end",
        "error": "status", "level": "severity", "body": "text", "message": "text", "search": "text",
        "q": "text", "query": "text", "trace": "traceId", "span": "spanId",
    ]

    private static func nearest(to name: String, of names: [String]) -> String? {
        let folded = name.lowercased().filter { $0 != "_" && $0 != "-" }
        if let known = otherNames[folded], names.contains(known) { return known }
        let scored = names.map { (name: $0, distance: distance(folded, $0.lowercased())) }
        guard let best = scored.min(by: { $0.distance < $1.distance }), best.distance <= 2 else { return nil }
        return best.name
    }

    /// Letters to change, add or take away (Levenshtein); names much longer than ours are far away
    /// unmeasured.
    private static func distance(_ left: String, _ right: String) -> Int {
        guard left.utf8.count <= 32 else { return .max }
        let right = Array(right.utf8)
        var row = Array(0...right.count)
        for (index, letter) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let change = diagonal + (right[column] == letter ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row.last ?? 0
    }
}

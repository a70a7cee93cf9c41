// SPDX-License-Identifier: Apache-2.0

/// The shapes of the bodies, as JSON Schema 2020-12 (which OpenAPI 3.1 uses).
enum APISchema: String, CaseIterable {
    case services = "Services"
    case operations = "Operations"
    case attributes = "Attributes"
    case attributeValues = "AttributeValues"
    case tracePage = "TracePage"
    case traceSummary = "TraceSummary"
    case tracesData = "TracesData"
    case analysis = "TraceAnalysis"
    case logPage = "LogPage"
    case log = "Log"
    case logsData = "LogsData"
    case receivers = "Receivers"
    case store = "Store"
    case health = "Health"
    case metrics = "Metrics"
    case error = "Error"
    case openAPI = "OpenAPI"

    var reference: JSONValue { ["$ref": .string("#/components/schemas/\(rawValue)")] }

    var json: JSONValue {
        switch self {
        case .services: Self.object([("services", Self.list(Self.text("Name of a service.")))])
        case .operations: Self.operationsSchema
        case .attributes: Self.attributesSchema
        case .attributeValues: Self.attributeValuesSchema
        case .tracePage:
            Self.object([
                ("traces", Self.list(Self.traceSummary.reference)),
                ("nextCursor", Self.nullable("string", "For the parameter cursor; null on the last page.")),
            ])
        case .traceSummary: Self.summarySchema
        case .tracesData: Self.tracesDataSchema
        case .analysis: Self.analysisSchema
        case .logPage: Self.logPageSchema
        case .log: Self.logSchema
        case .logsData: Self.logsDataSchema
        case .receivers:
            Self.object([
                ("grpcPort", Self.integer("Port for OTLP over gRPC.")),
                ("httpPort", Self.integer("Port for OTLP over HTTP, protobuf and JSON.")),
            ])
        case .store: Self.storeSchema
        case .health: Self.object([("status", Self.words(["ok", "ready"]))])
        case .metrics: Self.text("Lines of name, labels and value.")
        case .error: Self.errorSchema
        case .openAPI: ["type": "object", "description": "An OpenAPI 3.1 document."]
        }
    }

    private static let operationsSchema = object([
        (
            "operations",
            list(
                object([
                    ("name", text("Span name.")),
                    (
                        "kind",
                        words(["unspecified", "internal", "server", "client", "producer", "consumer"])
                    ),
                ]))
        )
    ])

    private static let summarySchema = object([
        ("traceId", ["type": "string", "pattern": "^[0-9a-f]{32}$"]),
        (
            "rootService",
            text("Service of the root span, or of the earliest span whose parent is not stored.")
        ),
        ("rootOperation", text("Name of that span.")),
        ("startTimeUnixNano", decimal("Earliest start, nanoseconds since 1970 UTC.")),
        ("durationNano", decimal("Latest end minus earliest start, nanoseconds.")),
        ("spanCount", integer("Spans stored.")), ("errorCount", integer("Spans with status Error.")),
        (
            "services",
            list(
                object([
                    ("name", text("Name of the service.")), ("spanCount", integer("Its spans.")),
                    ("errorCount", integer("Its spans with status Error.")),
                ]))
        ),
    ])

    private static let tracesDataSchema: JSONValue = [
        "type": "object",
        "description": """
        OTLP/JSON, message opentelemetry.proto.trace.v1.TracesData: ids are hexadecimal, 64-bit numbers are \
        strings, enumerations are numbers.
        """,
        "properties": ["resourceSpans": ["type": "array", "items": ["type": "object"]]],
    ]

    private static let errorSchema = object([
        (
            "error",
            [
                "type": "object", "required": ["code", "message"],
                "properties": [
                    "code": words(APIError.Code.allCases.map(\.rawValue)),
                    "message": text("For people: what is wrong and what to write instead."),
                    "parameter": text("The parameter to blame."),
                ],
            ]
        )
    ])
}

extension APISchema {
    static func object(_ properties: [(String, JSONValue)]) -> JSONValue {
        [
            "type": "object", "required": .array(properties.map { .string($0.0) }),
            "properties": .object(properties),
        ]
    }

    static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    static func text(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description)]
    }

    static func integer(_ description: String) -> JSONValue {
        ["type": "integer", "minimum": 0, "description": .string(description)]
    }

    static func nullable(_ type: String, _ description: String) -> JSONValue {
        ["type": [.string(type), "null"], "description": .string(description)]
    }

    static func words(_ words: [String]) -> JSONValue {
        ["type": "string", "enum": .array(words.map { .string($0) })]
    }

    /// A 64-bit number as a string.
    static func decimal(_ description: String) -> JSONValue {
        ["type": "string", "pattern": "^-?[0-9]+$", "description": .string(description)]
    }
}

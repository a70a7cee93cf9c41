// SPDX-License-Identifier: Apache-2.0

extension APISchema {
    static let logPageSchema = object([
        ("logs", list(log.reference)),
        ("nextCursor", nullable("string", "For the parameter cursor; null on the last page.")),
    ])

    static let logSchema = object([
        ("timeUnixNano", decimal("When it happened, else when it was seen; nanoseconds since 1970 UTC.")),
        ("service", text("Service.")),
        ("severity", nullable("string", "TRACE, DEBUG, INFO, WARN, ERROR, FATAL or a step such as INFO2.")),
        ("text", text("The body: a string as it is, all else as JSON on one line.")),
        ("traceId", nullable("string", "32 hexadecimal digits; null outside of a trace.")),
        ("spanId", nullable("string", "16 hexadecimal digits; null outside of a span.")),
        ("resource", message("opentelemetry.proto.resource.v1.Resource")),
        ("scope", message("opentelemetry.proto.common.v1.InstrumentationScope")),
        ("record", message("opentelemetry.proto.logs.v1.LogRecord, every field as it was sent")),
    ])

    static let logsDataSchema: JSONValue = [
        "type": "object",
        "description": """
        OTLP/JSON, message opentelemetry.proto.logs.v1.LogsData: ids are hexadecimal, 64-bit numbers are \
        strings, enumerations are numbers. Records of one resource and scope stand together, earliest first.
        """,
        "properties": ["resourceLogs": ["type": "array", "items": ["type": "object"]]],
    ]

    private static func message(_ name: String) -> JSONValue {
        ["type": "object", "description": .string("OTLP/JSON, message \(name).")]
    }
}

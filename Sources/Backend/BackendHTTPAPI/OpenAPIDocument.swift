// SPDX-License-Identifier: Apache-2.0

internal import HTTPTypes
internal import TelemetryStorage

/// The description of the API at `/api/openapi.json`, made from ``APIRoute/all``.
enum OpenAPIDocument {
    static var json: JSONValue {
        [
            "openapi": "3.1.0",
            "info": [
                "title": "Contrail", "version": "1.0.0",
                "description": """
                Questions about the traces and logs that contrail keeps. Names are camelCase, 64-bit numbers are \
                strings, times are nanoseconds since 1970 UTC, an error is an object with code and message.
                """,
                "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": .object(APIRoute.all.map { ($0.path, ["get": operation($0)]) }),
            "components": [
                "schemas": .object(APISchema.allCases.map { ($0.rawValue, $0.json) }),
                "responses": ["Error": response("What went wrong.", .error)],
            ],
        ]
    }

    private static func operation(_ route: APIRoute) -> JSONValue {
        var responses: [(String, JSONValue)] = [
            ("200", response(route.summary, route.answer, route.mediaType))
        ]
        let codes = Set(
            route.errors + [.badParameter, .unknownParameter, .storeUnavailable, .storeDamaged])
        for status in Set(codes.map(\.status.code)).sorted() {
            responses.append((String(status), ["$ref": "#/components/responses/Error"]))
        }
        return [
            "operationId": .string(route.operationID), "summary": .string(route.summary),
            "parameters": .array(route.parameters.map(parameter)), "responses": .object(responses),
        ]
    }

    private static func response(
        _ description: String, _ schema: APISchema, _ mediaType: String = "application/json"
    ) -> JSONValue {
        [
            "description": .string(description),
            "content": .object([(mediaType, .object([("schema", schema.reference)]))]),
        ]
    }

    private static func parameter(_ parameter: APIParameter) -> JSONValue {
        let schema: JSONValue =
            parameter.isRepeatable ? APISchema.list(parameter.kind.schema) : parameter.kind.schema
        let example: JSONValue =
            parameter.isRepeatable ? [.string(parameter.example)] : parameter.kind.example(parameter.example)
        return [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "required": .bool(parameter.place == .path), "description": .string(parameter.help),
            "schema": schema, "example": example,
        ]
    }
}

extension APIParameter.Kind {
    fileprivate var schema: JSONValue {
        switch self {
        case .text: ["type": "string"]
        case .traceID: ["type": "string", "pattern": "^[0-9a-fA-F]{32}$"]
        case .spanID: ["type": "string", "pattern": "^[0-9a-fA-F]{16}$"]
        case .severity:
            APISchema.text("trace, debug, info, warn, error or fatal, or one of their steps such as info2.")
        case .duration:
            [
                "type": "string",
                "pattern": "^(0|(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d))+)$",
                "description": "Numbers with units: ns, us, ms, s, m, h, d.",
            ]
        case .time:
            ["type": "string", "description": "RFC 3339, or nanoseconds since 1970 UTC as a whole number."]
        case .count(let range):
            ["type": "integer", "minimum": .int(range.lowerBound), "maximum": .int(range.upperBound)]
        case .status: APISchema.words(["error", "ok", "unset"])
        case .attributeScope: APISchema.words(AttributeScope.ofTraces.map(\.rawValue))
        case .attribute: ["type": "string", "pattern": "^[^=<>]+[=<>]"]
        }
    }

    fileprivate func example(_ text: String) -> JSONValue {
        switch self {
        case .count: Int(text).map { .int($0) } ?? .null
        case .text, .traceID, .spanID, .severity, .duration, .time, .status, .attribute, .attributeScope:
            .string(text)
        }
    }
}

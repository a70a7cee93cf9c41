// SPDX-License-Identifier: Apache-2.0

internal import TelemetryStorage

/// What there is to ask for.
extension APIRoute {
    static let attributes = APIRoute(
        path: "/api/v1/attributes", operationID: "listAttributes",
        summary: "Keys of the attributes that spans have, with their scope and types, sorted.",
        parameters: [
            APIParameter("scope", .attributeScope, help: "Only those that stand there.", example: "event"),
            APIParameter("prefix", .text, help: "The key begins with this.", example: "http."),
            limit,
        ], answer: .attributes, errors: [])

    static let attributeValues = APIRoute(
        path: "/api/v1/attributes/{key}/values", operationID: "listAttributeValues",
        summary: "Values of one attribute, sorted: of what was stored last, when there are very many.",
        parameters: [
            APIParameter(
                "key", in: .path, .text, help: "Key of the attribute, percent-encoded.", example: "http.route"
            ),
            APIParameter(
                "scope", .attributeScope,
                help: "Where it stands; in the span or its resource when not given.",
                example: "event"),
            APIParameter("prefix", .text, help: "The value begins with this.", example: "/api"),
            limit,
        ], answer: .attributeValues, errors: [])

    private static let limit = APIParameter(
        "limit", .count(1...AttributeKeyQuery.limitMax),
        help: "Most in the answer; \(AttributeKeyQuery.limitDefault) when not given.", example: "20")
}

extension Answers {
    static func attributes(_ list: AttributeKeyList) -> JSONValue {
        let keys = list.keys.map { key -> JSONValue in
            [
                "scope": .string(key.scope.rawValue), "key": .string(key.key),
                "types": .array(key.types.map { .string($0.rawValue) }),
            ]
        }
        return ["attributes": .array(keys), "isComplete": .bool(list.isComplete)]
    }

    static func attributeValues(_ list: AttributeValueList) -> JSONValue {
        ["values": .array(list.values.map { .string($0) }), "isComplete": .bool(list.isComplete)]
    }
}

extension APISchema {
    static let attributesSchema = object([
        (
            "attributes",
            list(
                object([
                    ("scope", words(AttributeScope.ofTraces.map(\.rawValue))), ("key", text("Key.")),
                    ("types", list(words(AttributeKey.ValueType.allCases.map(\.rawValue)))),
                ]))
        ),
        ("isComplete", isComplete),
    ])

    static let attributeValuesSchema = object([
        ("values", list(text("As it is written behind = in a condition."))), ("isComplete", isComplete),
    ])

    private static let isComplete: JSONValue = [
        "type": "boolean", "description": "False when there may be more.",
    ]
}

extension AttributeKeyQuery {
    init(_ arguments: APIArguments) {
        self.init(
            scope: arguments.scope("scope"), prefix: arguments.text("prefix") ?? "",
            limit: arguments.count("limit") ?? Self.limitDefault)
    }
}

extension AttributeValueQuery {
    init(_ arguments: APIArguments) {
        self.init(
            key: arguments.text("key") ?? "", in: arguments.scope("scope"),
            prefix: arguments.text("prefix") ?? "",
            limit: arguments.count("limit") ?? AttributeKeyQuery.limitDefault)
    }
}

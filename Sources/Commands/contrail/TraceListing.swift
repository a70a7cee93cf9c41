// SPDX-License-Identifier: Apache-2.0

internal import BackendHTTPAPI

/// One line of a search result, as the API tells it.
struct TraceListing: Decodable {
    struct Page: Decodable {
        let traces: [TraceListing]
        let nextCursor: String?
    }

    struct Service: Decodable {
        let name: String
    }

    let traceId: String
    let rootService: String
    let rootOperation: String
    let startTimeUnixNano: String
    let durationNano: String
    let spanCount: Int
    let errorCount: Int
    let services: [Service]

    /// As `contrail traces --json` prints it.
    var json: JSONValue {
        [
            "traceId": .string(traceId), "rootService": .string(rootService),
            "rootOperation": .string(rootOperation), "startTimeUnixNano": .string(startTimeUnixNano),
            "durationNano": .string(durationNano), "spanCount": .int(spanCount),
            "errorCount": .int(errorCount), "services": .array(services.map { .string($0.name) }),
        ]
    }
}
